#include "read_stream_wrap.h"

#include <cstring>
#include <utility>

#include "convert.h"
#include "environment.h"
#include "link_wrap.h"

namespace coldframe {

namespace {

constexpr size_t kChunkRow = 44;
constexpr uint32_t kZeroFlag = 0x80000000U;
constexpr size_t kSlotNumbers = 6;

ReadOptions optionsOf(const Napi::Object& object) {
  ReadOptions options;
  options.disk = static_cast<uint32_t>(wholeOf(object.Get("disk")));
  const auto extents = object.Get("extents").As<Napi::Float64Array>();
  options.extents.assign(extents.Data(), extents.Data() + extents.ElementLength());
  options.chunkBytes = wholeOf(object.Get("chunkBytes"));
  options.slotBytes = wholeOf(object.Get("slotBytes"));
  options.depth = static_cast<unsigned>(wholeOf(object.Get("depth")));
  const Napi::Value level = object.Get("compressLevel");
  if (level.IsNumber()) options.compressLevel = level.As<Napi::Number>().Int32Value();
  return options;
}

uint8_t* putRow(uint8_t* at, const Chunk& chunk) {
  const uint32_t length = chunk.length | (chunk.allZero ? kZeroFlag : 0);
  std::memcpy(at, &chunk.offset, 8);
  std::memcpy(at + 8, &length, 4);
  std::memcpy(at + 12, chunk.digest.data(), 32);
  return at + kChunkRow;
}

}  // namespace

Napi::Function ReadStreamWrap::define(Napi::Env env) {
  return DefineClass(env, "ReadStream",
                     {InstanceMethod<&ReadStreamWrap::area>("area"), InstanceMethod<&ReadStreamWrap::take>("take"),
                      InstanceMethod<&ReadStreamWrap::release>("release"),
                      InstanceMethod<&ReadStreamWrap::abort>("abort"),
                      InstanceMethod<&ReadStreamWrap::close>("close")});
}

ReadStreamWrap::ReadStreamWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  WorkerLink& link = LinkWrap::linkOf(info[0]);
  ReadOptions options = optionsOf(info[1].As<Napi::Object>());
  onWake_ = Napi::Persistent(info[2].As<Napi::Function>());
  waker_ = Waker::make(info.Env(), Waker::KeepAlive::kYes, [this](Napi::Env env) {
    const Napi::HandleScope scope(env);
    onWake_.Call({});
  });
  guarded(info.Env(), [&] {
    stream_ = ReadStream::start(link, Environment::of(info.Env()).pool(), std::move(options),
                                [waker = waker_] { waker->wake(); });
  });
}

ReadStreamWrap::~ReadStreamWrap() {
  stopWaking();
  if (stream_) stream_->abort();
}

ReadStream& ReadStreamWrap::stream(Napi::Env env) {
  if (!stream_) throw Napi::Error::New(env, "The stream is closed.");
  return *stream_;
}

void ReadStreamWrap::stopWaking() {
  if (waker_) waker_->stop();
  waker_.reset();
  onWake_.Reset();
}

// The buffer holds the mapping, not the area: after close() its bytes are
// stale, never gone.
Napi::Value ReadStreamWrap::area(const Napi::CallbackInfo& info) {
  const std::shared_ptr<RingArea>& area = stream(info.Env()).area();
  auto* ring = new std::shared_ptr<Ring>(area->ring());
  return Napi::Buffer<uint8_t>::New(
      info.Env(), area->data(), area->size(),
      [](Napi::Env, uint8_t*, std::shared_ptr<Ring>* hint) { delete hint; }, ring);
}

Napi::Value ReadStreamWrap::take(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<HeldSlot> slots;
  const ReadStream::State state = stream(env).take(wholeOf(info[0]), slots);
  if (state == ReadStream::State::kFailed) return toJs(env, stream_->failure());
  if (state == ReadStream::State::kEnded) return Napi::String::New(env, "end");
  if (slots.empty()) return env.Null();

  size_t chunkCount = 0;
  for (const HeldSlot& slot : slots) chunkCount += slot.chunks.size();
  Napi::Buffer<uint8_t> chunks = Napi::Buffer<uint8_t>::New(env, chunkCount * kChunkRow);
  Napi::Float64Array rows = Napi::Float64Array::New(env, slots.size() * kSlotNumbers);
  Napi::Uint32Array starts = Napi::Uint32Array::New(env, slots.size() + 1);
  uint8_t* at = chunks.Data();
  for (size_t i = 0; i < slots.size(); i++) {
    const HeldSlot& slot = slots[i];
    double* row = rows.Data() + i * kSlotNumbers;
    row[0] = slot.index;
    row[1] = static_cast<double>(slot.dataStart);
    row[2] = static_cast<double>(slot.dataBytes);
    row[3] = static_cast<double>(slot.frameStart);
    row[4] = slot.frameBytes == 0 ? -1 : static_cast<double>(slot.frameBytes);
    row[5] = slot.allZero ? 1 : 0;
    starts[i] = static_cast<uint32_t>(at - chunks.Data());
    for (const Chunk& chunk : slot.chunks) at = putRow(at, chunk);
    if (held_.size() <= slot.index) held_.resize(slot.index + 1);
    held_[slot.index] = true;
  }
  starts[slots.size()] = static_cast<uint32_t>(at - chunks.Data());
  Napi::Object result = Napi::Object::New(env);
  result.Set("rows", rows);
  result.Set("chunks", chunks);
  result.Set("chunkStarts", starts);
  return result;
}

void ReadStreamWrap::release(const Napi::CallbackInfo& info) {
  const uint64_t index = wholeOf(info[0]);
  if (index >= held_.size() || !held_[index]) return;
  held_[index] = false;
  if (stream_) stream_->release(static_cast<uint32_t>(index));
}

void ReadStreamWrap::abort(const Napi::CallbackInfo&) {
  stopWaking();
  if (stream_) stream_->abort();
}

void ReadStreamWrap::close(const Napi::CallbackInfo& info) {
  abort(info);
  stream_.reset();
}

}  // namespace coldframe
