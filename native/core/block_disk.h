// The second backend: a block device (coldframe's own HotAdd) or a raw file.
#pragma once

#include <memory>
#include <string>

#include "disk.h"

namespace coldframe {

struct BlockOptions {
  std::string path;
  bool readOnly = true;
  /// Bypass the page cache for requests that are aligned for it; the others,
  /// and paths that cannot do it, go through the page cache.
  bool direct = true;
  /// Requests that really overlap, 1 to 64.
  unsigned queueThreads = 4;
};

/// Opens the path. A block device opened for writing is claimed exclusively, so
/// that a mounted one is refused (EBUSY). The size must be a multiple of 512
/// bytes: a virtual disk's always is, so a ragged tail means the wrong file.
/// Throws Error.
std::unique_ptr<Disk> openBlockDisk(const BlockOptions& options);

}  // namespace coldframe
