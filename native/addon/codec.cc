#include "codec.h"

#include <vector>

#include "blake3.h"
#include "convert.h"
#include "frame.h"
#include "zero.h"

namespace coldframe {

namespace {

Napi::Value digestOf(const Napi::CallbackInfo& info) {
  const std::span<const uint8_t> data = bytesOf(info[0]);
  const Digest digest = blake3(data.data(), data.size());
  return copyOf(info.Env(), digest.data(), digest.size());
}

Napi::Value zero(const Napi::CallbackInfo& info) {
  const std::span<const uint8_t> data = bytesOf(info[0]);
  return Napi::Boolean::New(info.Env(), isZero(data.data(), data.size()));
}

Napi::Value encode(const Napi::CallbackInfo& info) {
  static thread_local FrameEncoder encoder;
  const std::span<const uint8_t> data = bytesOf(info[0]);
  const int level = info[1].As<Napi::Number>().Int32Value();
  return guarded(info.Env(), [&] {
    std::vector<uint8_t> frame(frameBound(data.size()));
    const size_t length = encoder.encode(data.data(), data.size(), level, frame.data(), frame.size());
    return copyOf(info.Env(), frame.data(), length);
  });
}

Napi::Value decode(const Napi::CallbackInfo& info) {
  static thread_local FrameDecoder decoder;
  const std::span<const uint8_t> frame = bytesOf(info[0]);
  const uint64_t size = wholeOf(info[1]);
  return guarded(info.Env(), [&]() -> Napi::Value {
    Napi::Buffer<uint8_t> data = Napi::Buffer<uint8_t>::New(info.Env(), size);
    decoder.decode(frame.data(), frame.size(), data.Data(), size);
    return data;
  });
}

class Blake3Wrap final : public Napi::ObjectWrap<Blake3Wrap> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Blake3",
                       {InstanceMethod<&Blake3Wrap::update>("update"), InstanceMethod<&Blake3Wrap::digest>("digest")});
  }
  explicit Blake3Wrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

 private:
  void update(const Napi::CallbackInfo& info) {
    const std::span<const uint8_t> data = bytesOf(info[0]);
    hasher_.update(data.data(), data.size());
  }
  Napi::Value digest(const Napi::CallbackInfo& info) {
    const Digest digest = hasher_.digest();
    return copyOf(info.Env(), digest.data(), digest.size());
  }

  Blake3 hasher_;
};

Napi::Value kernelName(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), lanes::name(lanes::kernel()));
}

}  // namespace

void exportCodec(Napi::Env env, Napi::Object exports) {
  exports.Set("blake3", Napi::Function::New(env, digestOf));
  exports.Set("blake3Kernel", Napi::Function::New(env, kernelName));
  exports.Set("Blake3", Blake3Wrap::define(env));
  exports.Set("isZero", Napi::Function::New(env, zero));
  exports.Set("zstdFrame", Napi::Function::New(env, encode));
  exports.Set("zstdDecode", Napi::Function::New(env, decode));
}

}  // namespace coldframe
