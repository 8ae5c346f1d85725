// From any thread to the JavaScript thread: many wakes become one call.
#pragma once

#include <napi.h>

#include <functional>
#include <memory>

namespace coldframe {

class Waker {
 public:
  enum class KeepAlive : bool { kNo, kYes };

  /// `call` runs on the JavaScript thread after one or more wake(). kYes holds
  /// the event loop open until stop().
  static std::shared_ptr<Waker> make(Napi::Env env, KeepAlive keepAlive, std::function<void(Napi::Env)> call);
  ~Waker();
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  /// From any thread, also after stop() and after Node has gone.
  void wake();
  /// On the JavaScript thread: `call` is not called again.
  void stop();

 private:
  struct State;
  explicit Waker(std::shared_ptr<State> state) : state_(std::move(state)) {}

  const std::shared_ptr<State> state_;
};

}  // namespace coldframe
