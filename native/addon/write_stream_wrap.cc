#include "write_stream_wrap.h"

#include <string>
#include <utility>

#include "convert.h"
#include "environment.h"
#include "frame.h"
#include "link_wrap.h"

namespace coldframe {

namespace {

WriteOptions optionsOf(const Napi::Object& object) {
  WriteOptions options;
  options.disk = static_cast<uint32_t>(wholeOf(object.Get("disk")));
  const auto archives = object.Get("archives").As<Napi::Array>();
  for (uint32_t i = 0; i < archives.Length(); i++) {
    options.archives.push_back(static_cast<int>(wholeOf(archives.Get(i))));
  }
  options.slotBytes = wholeOf(object.Get("slotBytes"));
  options.depth = static_cast<unsigned>(wholeOf(object.Get("depth")));
  options.collectDamage = object.Get("collectDamage").ToBoolean().Value();
  return options;
}

const char* kindOf(const Error& error) {
  if (error.name == kDigestMismatch) return "digest";
  return error.name == kDamagedFrame ? "frame" : "read";
}

Napi::Object toJs(Napi::Env env, const Damage& damage) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("archive", damage.archive);
  object.Set("fileOffset", static_cast<double>(damage.fileOffset));
  object.Set("diskOffset", static_cast<double>(damage.diskOffset));
  object.Set("length", static_cast<double>(damage.length));
  object.Set("kind", kindOf(damage.error));
  object.Set("text", damage.error.text);
  return object;
}

}  // namespace

Napi::Function WriteStreamWrap::define(Napi::Env env) {
  return DefineClass(
      env, "WriteStream",
      {InstanceMethod<&WriteStreamWrap::push>("push"), InstanceMethod<&WriteStreamWrap::pending>("pending"),
       InstanceMethod<&WriteStreamWrap::idle>("idle"), InstanceMethod<&WriteStreamWrap::failure>("failure"),
       InstanceMethod<&WriteStreamWrap::totals>("totals"), InstanceMethod<&WriteStreamWrap::abort>("abort"),
       InstanceMethod<&WriteStreamWrap::close>("close")});
}

WriteStreamWrap::WriteStreamWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  WorkerLink* link = info[0].IsNull() ? nullptr : &LinkWrap::linkOf(info[0]);
  WriteOptions options = optionsOf(info[1].As<Napi::Object>());
  onWake_ = Napi::Persistent(info[2].As<Napi::Function>());
  waker_ = Waker::make(info.Env(), Waker::KeepAlive::kYes, [this](Napi::Env env) {
    const Napi::HandleScope scope(env);
    onWake_.Call({});
  });
  guarded(info.Env(), [&] {
    stream_ = WriteStream::start(link, Environment::of(info.Env()).pool(), std::move(options),
                                 [waker = waker_] { waker->wake(); });
  });
}

WriteStreamWrap::~WriteStreamWrap() {
  stopWaking();
  if (stream_) stream_->abort();
}

void WriteStreamWrap::stopWaking() {
  if (waker_) waker_->stop();
  waker_.reset();
  onWake_.Reset();
}

void WriteStreamWrap::push(const Napi::CallbackInfo& info) {
  const std::span<const uint8_t> rows = bytesOf(info[0]);
  guarded(info.Env(), [&] { stream_->push(rows); });
}

Napi::Value WriteStreamWrap::pending(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(stream_->pending()));
}

Napi::Value WriteStreamWrap::idle(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), stream_->idle());
}

Napi::Value WriteStreamWrap::failure(const Napi::CallbackInfo& info) {
  const std::optional<Damage> damage = stream_->failure();
  if (!damage) return info.Env().Null();
  Napi::Object object = coldframe::toJs(info.Env(), damage->error);
  if (damage->archive != Damage::kNoArchive) {
    object.Set("archive", damage->archive);
    object.Set("fileOffset", static_cast<double>(damage->fileOffset));
  }
  return object;
}

Napi::Value WriteStreamWrap::totals(const Napi::CallbackInfo& info) {
  const WriteTotals totals = stream_->totals();
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("checkedBytes", static_cast<double>(totals.checkedBytes));
  object.Set("writtenBytes", static_cast<double>(totals.writtenBytes));
  object.Set("zeroBytes", static_cast<double>(totals.zeroBytes));
  object.Set("damagedPieces", static_cast<double>(totals.damagedPieces));
  Napi::Array damage = Napi::Array::New(info.Env(), totals.damage.size());
  for (uint32_t i = 0; i < totals.damage.size(); i++) damage.Set(i, toJs(info.Env(), totals.damage[i]));
  object.Set("damage", damage);
  return object;
}

void WriteStreamWrap::abort(const Napi::CallbackInfo&) { stream_->abort(); }

void WriteStreamWrap::close(const Napi::CallbackInfo&) {
  stopWaking();
  stream_->finish();
}

}  // namespace coldframe
