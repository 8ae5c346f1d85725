#include "sink_wrap.h"

#include <utility>

#include "convert.h"

namespace coldframe {

Napi::Function SinkWrap::define(Napi::Env env) {
  return DefineClass(env, "FileSink",
                     {InstanceMethod<&SinkWrap::write>("write"), InstanceMethod<&SinkWrap::hole>("hole"),
                      InstanceMethod<&SinkWrap::sync>("sync"), InstanceMethod<&SinkWrap::close>("close"),
                      InstanceMethod<&SinkWrap::stop>("stop")});
}

SinkWrap::SinkWrap(const Napi::CallbackInfo& info) : ObjectWrap(info), environment_(Environment::of(info.Env())) {
  FileDescriptor fd(static_cast<int>(wholeOf(info[0])));
  const auto object = info[1].As<Napi::Object>();
  SinkOptions options;
  options.direct = object.Get("direct").ToBoolean().Value();
  options.rolling = object.Get("rolling").ToBoolean().Value();
  onDone_ = Napi::Persistent(info[2].As<Napi::Function>());
  waker_ = Waker::make(info.Env(), Waker::KeepAlive::kYes, [this](Napi::Env env) { deliver(env); });
  guarded(info.Env(), [&] {
    sink_ = std::make_unique<FileSink>(std::move(fd), options,
                                       [mail = mail_, waker = waker_](uint64_t id, const Error* error) {
                                         Finished finished{id, std::nullopt};
                                         if (error != nullptr) finished.error = *error;
                                         {
                                           const std::lock_guard lock(mail->mutex);
                                           mail->finished.push_back(std::move(finished));
                                         }
                                         waker->wake();
                                       });
  });
  environment_.add(this);
}

SinkWrap::~SinkWrap() {
  environment_.remove(this);
  if (waker_) waker_->stop();
}

void SinkWrap::stopThreads() { sink_.reset(); }

FileSink& SinkWrap::sink(Napi::Env env) {
  if (!sink_) throw Napi::Error::New(env, "The sink is closed.");
  return *sink_;
}

void SinkWrap::write(const Napi::CallbackInfo& info) {
  const uint64_t id = wholeOf(info[0]);
  const auto list = info[1].As<Napi::Array>();
  std::vector<struct iovec> buffers;
  buffers.reserve(list.Length());
  for (uint32_t i = 0; i < list.Length(); i++) {
    const std::span<const uint8_t> bytes = bytesOf(list.Get(i));
    if (!bytes.empty()) buffers.push_back({const_cast<uint8_t*>(bytes.data()), bytes.size()});
  }
  FileSink& target = sink(info.Env());
  // The list holds its buffers; the caller made it for this call alone.
  buffers_.emplace(id, Napi::Persistent(list.As<Napi::Object>()));
  target.write(id, std::move(buffers));
}

void SinkWrap::hole(const Napi::CallbackInfo& info) { sink(info.Env()).hole(wholeOf(info[0]), wholeOf(info[1])); }

void SinkWrap::sync(const Napi::CallbackInfo& info) { sink(info.Env()).sync(wholeOf(info[0])); }

void SinkWrap::close(const Napi::CallbackInfo& info) { sink(info.Env()).close(wholeOf(info[0])); }

// After the reply to close(): ends the thread.
void SinkWrap::stop(const Napi::CallbackInfo&) {
  sink_.reset();
  waker_->stop();
  onDone_.Reset();
  buffers_.clear();
}

void SinkWrap::deliver(Napi::Env env) {
  const Napi::HandleScope scope(env);
  std::vector<Finished> finished;
  {
    const std::lock_guard lock(mail_->mutex);
    finished.swap(mail_->finished);
  }
  if (finished.empty()) return;
  Napi::Array ids = Napi::Array::New(env, finished.size());
  Napi::Array errors = Napi::Array::New(env, finished.size());
  for (uint32_t i = 0; i < finished.size(); i++) {
    ids.Set(i, static_cast<double>(finished[i].id));
    errors.Set(i, finished[i].error ? Napi::Value(toJs(env, *finished[i].error)) : env.Null());
    buffers_.erase(finished[i].id);
  }
  onDone_.Call({ids, errors});
}

}  // namespace coldframe
