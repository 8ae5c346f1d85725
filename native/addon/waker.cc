#include "waker.h"

#include <atomic>
#include <mutex>
#include <utility>

namespace coldframe {

struct Waker::State {
  std::mutex mutex;
  napi_threadsafe_function function = nullptr;
  /// Node has closed the function, or we have; it must not be touched again.
  bool dead = false;
  std::atomic<bool> pending{false};
  /// JavaScript thread only.
  std::function<void(Napi::Env)> call;
};

namespace {

template <typename State>
void callOnJavaScriptThread(napi_env env, napi_value, void* context, void*) {
  auto* state = static_cast<std::shared_ptr<State>*>(context)->get();
  // Before the call, so that what happens during it wakes again.
  state->pending.store(false);
  if (env == nullptr || !state->call) return;
  try {
    // A copy: the call may stop the waker.
    const auto call = state->call;
    call(Napi::Env(env));
  } catch (const Napi::Error& error) {
    // While a thread is being terminated nothing can be called or thrown; the
    // addon is built to let such an exception pass away.
    error.ThrowAsJavaScriptException();
  }
}

template <typename State>
void finalize(napi_env, void*, void* context) {
  auto* state = static_cast<std::shared_ptr<State>*>(context);
  {
    const std::lock_guard lock((*state)->mutex);
    (*state)->dead = true;
  }
  delete state;
}

}  // namespace

std::shared_ptr<Waker> Waker::make(Napi::Env env, KeepAlive keepAlive, std::function<void(Napi::Env)> call) {
  auto state = std::make_shared<State>();
  state->call = std::move(call);
  auto* context = new std::shared_ptr<State>(state);
  const napi_value name = Napi::String::New(env, "coldframe");
  const napi_status status =
      napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, context, finalize<State>, context,
                                      callOnJavaScriptThread<State>, &state->function);
  if (status != napi_ok) {
    delete context;
    throw Napi::Error::New(env, "Cannot make a thread-safe function.");
  }
  if (keepAlive == KeepAlive::kNo) napi_unref_threadsafe_function(env, state->function);
  return std::shared_ptr<Waker>(new Waker(std::move(state)));
}

Waker::~Waker() {
  const std::lock_guard lock(state_->mutex);
  if (state_->dead) return;
  state_->dead = true;
  napi_release_threadsafe_function(state_->function, napi_tsfn_release);
}

void Waker::wake() {
  if (state_->pending.exchange(true)) return;
  const std::lock_guard lock(state_->mutex);
  if (state_->dead) return;
  if (napi_call_threadsafe_function(state_->function, nullptr, napi_tsfn_nonblocking) == napi_closing) {
    state_->dead = true;
  }
}

void Waker::stop() {
  state_->call = nullptr;
  const std::lock_guard lock(state_->mutex);
  if (state_->dead) return;
  state_->dead = true;
  napi_release_threadsafe_function(state_->function, napi_tsfn_abort);
}

}  // namespace coldframe
