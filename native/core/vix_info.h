// What an open handle says of its disk.
#pragma once

#include "disk.h"
#include "vix_abi.h"
#include "vix_library.h"

namespace coldframe {

/// Capacity, sector sizes, uuid, and the transport that Open really chose.
DiskInfo readVixInfo(VixLibrary& library, abi::Handle handle);

}  // namespace coldframe
