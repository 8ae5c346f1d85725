// The map of allocated blocks, asked for in steps that the library accepts.
#pragma once

#include <vector>

#include "disk.h"
#include "vix_abi.h"
#include "vix_library.h"

namespace coldframe {

struct AllocatedQuery {
  /// Inside the disk.
  Extent range;
  uint64_t capacityBytes = 0;
};

/// Sorted, merged, inside the range. What lies past the disk's last whole 64 KiB
/// chunk counts as allocated, because the library can't be asked about it.
/// Throws Error(kNotSupported) where the library or the server has no map.
std::vector<Extent> queryAllocated(VixLibrary& library, abi::Handle handle, const AllocatedQuery& query);

}  // namespace coldframe
