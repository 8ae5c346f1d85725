// A small bag of named values: the body of every control message.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "error.h"

namespace coldframe {

using Bytes = std::vector<uint8_t>;
using Value = std::variant<uint64_t, bool, std::string, std::vector<std::string>, Bytes>;

class Record {
 public:
  void set(const std::string& key, Value value) { values_[key] = std::move(value); }
  const std::map<std::string, Value>& values() const { return values_; }
  bool has(const std::string& key) const { return values_.count(key) > 0; }

  // These throw Error(kProtocol) where the value is missing or of another kind.
  const std::string& text(const std::string& key) const { return get<std::string>(key); }
  uint64_t number(const std::string& key) const { return get<uint64_t>(key); }
  bool flag(const std::string& key) const { return get<bool>(key); }
  const std::vector<std::string>& list(const std::string& key) const { return get<std::vector<std::string>>(key); }
  const Bytes& bytes(const std::string& key) const { return get<Bytes>(key); }

  std::string textOr(const std::string& key, std::string fallback) const {
    return has(key) ? text(key) : std::move(fallback);
  }
  uint64_t numberOr(const std::string& key, uint64_t fallback) const { return has(key) ? number(key) : fallback; }
  bool flagOr(const std::string& key, bool fallback) const { return has(key) ? flag(key) : fallback; }

 private:
  template <typename T>
  const T& get(const std::string& key) const {
    const auto found = values_.find(key);
    const T* value = found == values_.end() ? nullptr : std::get_if<T>(&found->second);
    if (value == nullptr) throw missing(key);
    return *value;
  }
  static Error missing(const std::string& key);

  std::map<std::string, Value> values_;
};

/// Appends to a message body. Numbers are little-endian.
class BodyWriter {
 public:
  explicit BodyWriter(Bytes& out) : out_(out) {}
  void number8(uint8_t value) { out_.push_back(value); }
  void number32(uint32_t value) { put(&value, sizeof(value)); }
  void number64(uint64_t value) { put(&value, sizeof(value)); }
  void text(std::string_view value);
  void bytes(const Bytes& value);
  void record(const Record& value);
  void error(const Error& value);

 private:
  void put(const void* from, size_t length);
  Bytes& out_;
};

/// Reads a message body. Everything throws Error(kProtocol) at the first thing
/// that does not fit; nothing is allocated on the word of a length field.
class BodyReader {
 public:
  explicit BodyReader(std::span<const uint8_t> body) : rest_(body) {}
  uint8_t number8() { return *take(1).data(); }
  uint32_t number32();
  uint64_t number64();
  std::string text();
  Bytes bytes();
  Record record();
  Error error();
  bool atEnd() const { return rest_.empty(); }

 private:
  std::span<const uint8_t> take(size_t length);
  std::span<const uint8_t> rest_;
};

}  // namespace coldframe
