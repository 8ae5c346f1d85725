#include "convert.h"

#include <cmath>
#include <string>

namespace coldframe {

namespace {

const char* nameOf(Retry retry) {
  switch (retry) {
    case Retry::kNo: return "no";
    case Retry::kAgain: return "again";
    case Retry::kReconnect: return "reconnect";
    case Retry::kNextTransport: return "next-transport";
  }
  return "no";
}

Napi::Array toArray(Napi::Env env, const std::vector<std::string>& items) {
  Napi::Array array = Napi::Array::New(env, items.size());
  for (uint32_t i = 0; i < items.size(); i++) array.Set(i, items[i]);
  return array;
}

Napi::Value toJs(Napi::Env env, const Value& value) {
  if (const auto* number = std::get_if<uint64_t>(&value)) return Napi::Number::New(env, static_cast<double>(*number));
  if (const auto* flag = std::get_if<bool>(&value)) return Napi::Boolean::New(env, *flag);
  if (const auto* text = std::get_if<std::string>(&value)) return Napi::String::New(env, *text);
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return toArray(env, *list);
  const Bytes& bytes = std::get<Bytes>(value);
  return copyOf(env, bytes.data(), bytes.size());
}

Value toValue(const Napi::Value& value) {
  if (value.IsNumber()) return wholeOf(value);
  if (value.IsBoolean()) return value.As<Napi::Boolean>().Value();
  if (value.IsString()) return value.As<Napi::String>().Utf8Value();
  if (value.IsArray()) {
    const auto array = value.As<Napi::Array>();
    std::vector<std::string> list;
    for (uint32_t i = 0; i < array.Length(); i++) list.push_back(array.Get(i).ToString().Utf8Value());
    return list;
  }
  throw Napi::TypeError::New(value.Env(), "A field must be a number, boolean, string or list of strings.");
}

}  // namespace

Napi::Object toJs(Napi::Env env, const Error& error) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("raw", std::to_string(error.raw));
  object.Set("name", error.name);
  object.Set("text", error.text);
  object.Set("function", error.function);
  object.Set("disk", error.disk);
  object.Set("transport", error.transport);
  object.Set("retry", nameOf(error.retry));
  object.Set("warnings", toArray(env, error.warnings));
  return object;
}

Napi::Error toThrow(Napi::Env env, const Error& error) {
  const Napi::Error thrown = Napi::Error::New(env, error.text);
  thrown.Value().Set("native", toJs(env, error));
  return thrown;
}

Napi::Object toJs(Napi::Env env, const Record& record) {
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [key, value] : record.values()) object.Set(key, toJs(env, value));
  return object;
}

Record toRecord(const Napi::Object& object) {
  Record record;
  const Napi::Array keys = object.GetPropertyNames();
  for (uint32_t i = 0; i < keys.Length(); i++) {
    const std::string key = keys.Get(i).ToString().Utf8Value();
    record.set(key, toValue(object.Get(key)));
  }
  return record;
}

std::span<const uint8_t> bytesOf(const Napi::Value& value) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw Napi::TypeError::New(value.Env(), "A Buffer or Uint8Array is needed.");
  }
  const auto array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.ByteLength()};
}

uint64_t wholeOf(const Napi::Value& value) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  const bool whole = number >= 0 && number <= 9007199254740992.0 && std::floor(number) == number;
  if (!whole) throw Napi::TypeError::New(value.Env(), "A whole number from 0 to 2^53 is needed.");
  return static_cast<uint64_t>(number);
}

Napi::Buffer<uint8_t> copyOf(Napi::Env env, const uint8_t* data, size_t length) {
  return Napi::Buffer<uint8_t>::Copy(env, data, length);
}

}  // namespace coldframe
