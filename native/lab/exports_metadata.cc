// Exports: metadata.
#include <cstring>
#include <string>

#include "exports.h"
#include "lab_codes.h"
#include "lab_library.h"
#include "lab_metadata.h"

namespace coldframe::abi {

using namespace coldframe::lab;

namespace {

struct Target {
  char* buffer;
  size_t length;
  size_t* required;
};

/// The two-call habit: too small a buffer, none above all, tells the size.
VixError give(const std::string& text, const Target& target) {
  if (target.required != nullptr) *target.required = text.size();
  if (target.buffer == nullptr || target.length < text.size()) return kBufferTooSmall;
  std::memcpy(target.buffer, text.data(), text.size());
  return kOk;
}

}  // namespace

VixError VixDiskLib_GetMetadataKeys(Handle handle, char* keys, size_t length, size_t* required) {
  const Call call(Function::kGetMetadataKeys);
  LabDisk* disk = diskOf(handle);
  if (disk == nullptr) return kInvalidHandle;
  const HandleCall use(*disk, Function::kGetMetadataKeys);
  if (call.error() != kOk) return call.error();
  std::string text;
  for (const auto& entry : loadMetadata(disk->facts)) text += entry.first + '\0';
  text += '\0';
  return give(text, {keys, length, required});
}

VixError VixDiskLib_ReadMetadata(Handle handle, const char* key, char* value, size_t length, size_t* required) {
  const Call call(Function::kReadMetadata);
  LabDisk* disk = diskOf(handle);
  if (disk == nullptr) return kInvalidHandle;
  const HandleCall use(*disk, Function::kReadMetadata);
  if (call.error() != kOk) return call.error();
  if (key == nullptr) return kInvalidArgument;
  for (const auto& [name, text] : loadMetadata(disk->facts)) {
    if (name == key) return give(text + '\0', {value, length, required});
  }
  return kKeyNotFound;
}

VixError VixDiskLib_WriteMetadata(Handle handle, const char* key, const char* value) {
  const Call call(Function::kWriteMetadata);
  LabDisk* disk = diskOf(handle);
  if (disk == nullptr) return kInvalidHandle;
  const HandleCall use(*disk, Function::kWriteMetadata);
  if (call.error() != kOk) return call.error();
  if (key == nullptr || *key == '\0' || value == nullptr) return kInvalidArgument;
  if (!disk->writable) return kReadOnlyFile;
  return storeMetadata(disk->facts, key, value) ? kOk : kFileError;
}

}  // namespace coldframe::abi
