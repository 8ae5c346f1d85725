#include "record.h"

#include <cstring>

#include "failures.h"

namespace coldframe {

namespace {

enum Kind : uint8_t { kNumber = 0, kFlag = 1, kText = 2, kList = 3, kBytes = 4 };

Error broken(const char* why) { return ownError(kProtocol, "message", std::string("A message is broken: ") + why + "."); }

}  // namespace

Error Record::missing(const std::string& key) {
  return ownError(kProtocol, "message", "A message lacks '" + key + "', or it is of another kind.");
}

void BodyWriter::put(const void* from, size_t length) {
  const auto* bytes = static_cast<const uint8_t*>(from);
  out_.insert(out_.end(), bytes, bytes + length);
}

void BodyWriter::text(std::string_view value) {
  number32(static_cast<uint32_t>(value.size()));
  put(value.data(), value.size());
}

void BodyWriter::bytes(const Bytes& value) {
  number32(static_cast<uint32_t>(value.size()));
  put(value.data(), value.size());
}

void BodyWriter::record(const Record& record) {
  number32(static_cast<uint32_t>(record.values().size()));
  for (const auto& [key, value] : record.values()) {
    text(key);
    number8(static_cast<uint8_t>(value.index() == 0   ? kNumber
                                 : value.index() == 1 ? kFlag
                                 : value.index() == 2 ? kText
                                 : value.index() == 3 ? kList
                                                      : kBytes));
    if (const auto* number = std::get_if<uint64_t>(&value)) {
      number64(*number);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
      number8(*flag ? 1 : 0);
    } else if (const auto* string = std::get_if<std::string>(&value)) {
      text(*string);
    } else if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
      number32(static_cast<uint32_t>(list->size()));
      for (const std::string& item : *list) text(item);
    } else {
      bytes(std::get<Bytes>(value));
    }
  }
}

void BodyWriter::error(const Error& error) {
  number64(error.raw);
  text(error.name);
  text(error.text);
  text(error.function);
  text(error.disk);
  text(error.transport);
  number8(static_cast<uint8_t>(error.retry));
  number32(static_cast<uint32_t>(error.warnings.size()));
  for (const std::string& line : error.warnings) text(line);
}

std::span<const uint8_t> BodyReader::take(size_t length) {
  if (length > rest_.size()) throw broken("it ends too early");
  const std::span<const uint8_t> taken = rest_.first(length);
  rest_ = rest_.subspan(length);
  return taken;
}

uint32_t BodyReader::number32() {
  uint32_t value;
  std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
  return value;
}

uint64_t BodyReader::number64() {
  uint64_t value;
  std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
  return value;
}

std::string BodyReader::text() {
  const std::span<const uint8_t> taken = take(number32());
  return {taken.begin(), taken.end()};
}

Bytes BodyReader::bytes() {
  const std::span<const uint8_t> taken = take(number32());
  return {taken.begin(), taken.end()};
}

Record BodyReader::record() {
  Record record;
  for (uint32_t left = number32(); left > 0; left--) {
    const std::string key = text();
    switch (number8()) {
      case kNumber: record.set(key, number64()); break;
      case kFlag: record.set(key, number8() != 0); break;
      case kText: record.set(key, text()); break;
      case kBytes: record.set(key, bytes()); break;
      case kList: {
        std::vector<std::string> list;
        for (uint32_t items = number32(); items > 0; items--) list.push_back(text());
        record.set(key, std::move(list));
        break;
      }
      default: throw broken("it holds a value of an unknown kind");
    }
  }
  return record;
}

Error BodyReader::error() {
  Error error;
  error.raw = number64();
  error.name = text();
  error.text = text();
  error.function = text();
  error.disk = text();
  error.transport = text();
  const uint8_t retry = number8();
  if (retry > static_cast<uint8_t>(Retry::kNextTransport)) throw broken("it names an unknown retry class");
  error.retry = static_cast<Retry>(retry);
  for (uint32_t left = number32(); left > 0; left--) error.warnings.push_back(text());
  return error;
}

}  // namespace coldframe
