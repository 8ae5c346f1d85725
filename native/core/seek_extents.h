// The allocated ranges of a sparse file.
#pragma once

#include <vector>

#include "disk.h"

namespace coldframe {

/// The data ranges of the file inside `range`, sorted and merged, by SEEK_DATA
/// and SEEK_HOLE, with their ends moved outwards to whole sectors. Throws
/// Error(kNotSupported) where the file system has no holes.
std::vector<Extent> seekExtents(int fd, Extent range);

}  // namespace coldframe
