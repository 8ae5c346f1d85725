// The key and value pairs that a virtual disk carries.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vix_abi.h"
#include "vix_library.h"

namespace coldframe {

using MetadataEntry = std::pair<std::string, std::string>;

/// All pairs in the library's order. Throws Error.
std::vector<MetadataEntry> readVixMetadata(VixLibrary& library, abi::Handle handle);

void writeVixMetadata(VixLibrary& library, abi::Handle handle, const MetadataEntry& entry);

}  // namespace coldframe
