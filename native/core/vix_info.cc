#include "vix_info.h"

#include "vix_functions.h"

namespace coldframe {

namespace {

// Before it the struct ends where the sector sizes begin.
constexpr unsigned kFirstMajorWithSectorSizes = 7;

}  // namespace

DiskInfo readVixInfo(VixLibrary& library, abi::Handle handle) {
  const VixFunctions& functions = library.functions();
  DiskInfo info;
  const char* transport = functions.GetTransportMode(handle);
  info.transport = transport != nullptr ? transport : "unknown";
  // The others complete inside the call, whatever the call is named.
  info.async = info.transport == "nbdssl" || info.transport == "nbd";
  abi::Info* raw = nullptr;
  const abi::VixError result = functions.GetInfo(handle, &raw);
  if (result != abi::kOk) throw library.error(result, "GetInfo");
  info.capacityBytes = raw->capacitySectors * kSectorBytes;
  if (raw->uuid != nullptr) info.uuid = raw->uuid;
  if (library.major() >= kFirstMajorWithSectorSizes) {
    if (raw->logicalSectorBytes != 0) info.logicalSectorBytes = raw->logicalSectorBytes;
    if (raw->physicalSectorBytes != 0) info.physicalSectorBytes = raw->physicalSectorBytes;
  }
  functions.FreeInfo(raw);
  return info;
}

}  // namespace coldframe
