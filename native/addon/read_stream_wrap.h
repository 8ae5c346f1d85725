// The JavaScript side of a read stream.
#pragma once

#include <napi.h>

#include <memory>

#include "read_stream.h"
#include "waker.h"

namespace coldframe {

class ReadStreamWrap final : public Napi::ObjectWrap<ReadStreamWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit ReadStreamWrap(const Napi::CallbackInfo& info);
  ~ReadStreamWrap() override;

 private:
  Napi::Value area(const Napi::CallbackInfo& info);
  Napi::Value take(const Napi::CallbackInfo& info);
  void release(const Napi::CallbackInfo& info);
  void abort(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);
  ReadStream& stream(Napi::Env env);
  void stopWaking();

  Napi::FunctionReference onWake_;
  std::shared_ptr<Waker> waker_;
  std::shared_ptr<ReadStream> stream_;
  /// Slots that JavaScript has: a wrong release must not free one twice.
  std::vector<bool> held_;
};

}  // namespace coldframe
