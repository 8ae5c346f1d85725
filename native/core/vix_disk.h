// One open VixDiskLib handle as a Disk.
#pragma once

#include <memory>
#include <string>

#include "disk.h"
#include "vix_abi.h"
#include "vix_library.h"

namespace coldframe {

struct VixDiskOptions {
  std::shared_ptr<VixLibrary> library;
  abi::Handle handle = nullptr;
  std::string path;
  bool readOnly = true;
  /// Counts the connection's open disks; only the control thread touches it.
  std::shared_ptr<unsigned> openDisks;
};

/// Takes the handle over; where it throws, the handle has been closed.
std::unique_ptr<Disk> makeVixDisk(const VixDiskOptions& options);

}  // namespace coldframe
