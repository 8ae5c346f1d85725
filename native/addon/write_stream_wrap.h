// The JavaScript side of a write stream.
#pragma once

#include <napi.h>

#include <memory>

#include "waker.h"
#include "write_stream.h"

namespace coldframe {

class WriteStreamWrap final : public Napi::ObjectWrap<WriteStreamWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit WriteStreamWrap(const Napi::CallbackInfo& info);
  ~WriteStreamWrap() override;

 private:
  void push(const Napi::CallbackInfo& info);
  Napi::Value pending(const Napi::CallbackInfo& info);
  Napi::Value idle(const Napi::CallbackInfo& info);
  Napi::Value failure(const Napi::CallbackInfo& info);
  Napi::Value totals(const Napi::CallbackInfo& info);
  void abort(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);
  void stopWaking();

  Napi::FunctionReference onWake_;
  std::shared_ptr<Waker> waker_;
  std::shared_ptr<WriteStream> stream_;
};

}  // namespace coldframe
