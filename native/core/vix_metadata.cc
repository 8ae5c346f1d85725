#include "vix_metadata.h"

#include <string.h>

#include "failures.h"
#include "vix_functions.h"

namespace coldframe {

namespace {

// Somebody else may write between asking for the size and reading.
constexpr int kMostAttempts = 4;

/// The library's habit: a call without a buffer fails with "too small" and tells
/// the size, the second call gets the text.
template <typename Call>
std::string twoCalls(VixLibrary& library, const char* function, Call call) {
  std::string buffer;
  for (int attempt = 0; attempt < kMostAttempts; attempt++) {
    size_t required = 0;
    const abi::VixError result = call(buffer.empty() ? nullptr : buffer.data(), buffer.size(), &required);
    if (result == abi::kOk) {
      if (required < buffer.size()) buffer.resize(required);
      return buffer;
    }
    if (abi::codeOf(result) != abi::kBufferTooSmall || required <= buffer.size()) {
      throw library.error(result, function);
    }
    buffer.resize(required);
  }
  throw ownError(kProtocol, std::string("VixDiskLib_") + function, "The library keeps asking for a larger buffer.");
}

std::string textOf(const std::string& buffer) { return buffer.substr(0, ::strnlen(buffer.data(), buffer.size())); }

Error withoutMetadata() {
  return ownError(kNotSupported, "VixDiskLib_GetMetadataKeys",
                  "This release of VMware's library has no metadata functions.");
}

}  // namespace

std::vector<MetadataEntry> readVixMetadata(VixLibrary& library, abi::Handle handle) {
  const VixFunctions& functions = library.functions();
  if (functions.GetMetadataKeys == nullptr || functions.ReadMetadata == nullptr) throw withoutMetadata();
  const std::string keys = twoCalls(library, "GetMetadataKeys", [&](char* buffer, size_t size, size_t* required) {
    return functions.GetMetadataKeys(handle, buffer, size, required);
  });
  std::vector<MetadataEntry> entries;
  // Keys end in a NUL each, the list in an empty key.
  for (size_t at = 0; at < keys.size();) {
    const std::string key(keys.data() + at, ::strnlen(keys.data() + at, keys.size() - at));
    if (key.empty()) break;
    at += key.size() + 1;
    const std::string value = twoCalls(library, "ReadMetadata", [&](char* buffer, size_t size, size_t* required) {
      return functions.ReadMetadata(handle, key.c_str(), buffer, size, required);
    });
    entries.emplace_back(key, textOf(value));
  }
  return entries;
}

void writeVixMetadata(VixLibrary& library, abi::Handle handle, const MetadataEntry& entry) {
  const VixFunctions& functions = library.functions();
  if (functions.WriteMetadata == nullptr) throw withoutMetadata();
  const abi::VixError result = functions.WriteMetadata(handle, entry.first.c_str(), entry.second.c_str());
  if (result != abi::kOk) throw library.error(result, "WriteMetadata");
}

}  // namespace coldframe
