// Values between JavaScript and plain C++.
#pragma once

#include <napi.h>

#include <cstdint>
#include <span>

#include "error.h"
#include "record.h"

namespace coldframe {

/// The shape of NativeError in src/transport/native/addon.ts.
Napi::Object toJs(Napi::Env env, const Error& error);
/// A JavaScript Error whose `native` property is that shape.
Napi::Error toThrow(Napi::Env env, const Error& error);

Napi::Object toJs(Napi::Env env, const Record& record);
Record toRecord(const Napi::Object& object);

/// Of a Buffer or any Uint8Array; valid while the array is.
std::span<const uint8_t> bytesOf(const Napi::Value& value);
/// A whole number from 0 to 2^53.
uint64_t wholeOf(const Napi::Value& value);
Napi::Buffer<uint8_t> copyOf(Napi::Env env, const uint8_t* data, size_t length);

/// Runs `body`; our errors become JavaScript's.
template <typename Body>
auto guarded(Napi::Env env, Body body) {
  try {
    return body();
  } catch (const Error& error) {
    throw toThrow(env, error);
  } catch (const std::bad_alloc&) {
    throw Napi::Error::New(env, "Out of memory.");
  }
}

}  // namespace coldframe
