// Metadata of a disk, kept beside its raw file as lines of key, tab, value.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace coldframe::lab {

using Metadata = std::vector<std::pair<std::string, std::string>>;

struct DiskFacts {
  std::string rawFile;
  std::string uuid;
  uint64_t capacitySectors = 0;
};

/// What is stored, or what a new disk would say of itself.
Metadata loadMetadata(const DiskFacts& disk);

/// Sets one key. False where the file can't be written.
bool storeMetadata(const DiskFacts& disk, const std::string& key, const std::string& value);

}  // namespace coldframe::lab
