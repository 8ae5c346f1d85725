// Exports: connections, opening and what an open disk says of itself.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>

#include "../core/disk.h"
#include "exports.h"
#include "lab_codes.h"
#include "lab_connection.h"
#include "lab_library.h"

namespace coldframe::abi {

using namespace coldframe::lab;

namespace {

LabConnection* connectionOf(Connection connection) { return reinterpret_cast<LabConnection*>(connection); }

char* copied(const std::string& text) { return text.empty() ? nullptr : ::strdup(text.c_str()); }

#ifdef COLDFRAME_LAB_INFO56
// The struct of releases before 7, its end at the end of a page, and behind it a
// page that nobody may touch.
Info* allocateInfo() {
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  void* area = ::mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED || ::mprotect(static_cast<char*>(area) + page, page, PROT_NONE) != 0) std::abort();
  return reinterpret_cast<Info*>(static_cast<char*>(area) + page - kInfoBytesBefore7);
}

void releaseInfo(Info* info) {
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  ::munmap(reinterpret_cast<char*>(info) + kInfoBytesBefore7 - page, 2 * page);
}

void setSectorSizes(Info*) {}
#else
Info* allocateInfo() { return static_cast<Info*>(std::calloc(1, sizeof(Info))); }

void releaseInfo(Info* info) { std::free(info); }

void setSectorSizes(Info* info) {
  info->logicalSectorBytes = kSectorBytes;
  info->physicalSectorBytes = 4096;
}
#endif

}  // namespace

#ifndef COLDFRAME_LAB_NO_67
ConnectParams* VixDiskLib_AllocateConnectParams(void) {
  return static_cast<ConnectParams*>(std::calloc(1, sizeof(ConnectParams)));
}
#endif

void VixDiskLib_FreeConnectParams(ConnectParams* params) { std::free(params); }

VixError VixDiskLib_ConnectEx(const ConnectParams* params, VixBool readOnly, const char* snapshot, const char* transports,
                              Connection* connection) {
  const Call call(Function::kConnectEx);
  const ControlCall control(Function::kConnectEx);
  if (call.error() != kOk) return call.error();
  if (library().initialised == 0) return kNotInitialised;
  if (connection == nullptr) return kInvalidArgument;
  std::unique_ptr<LabConnection> made;
  const VixError result = makeConnection(library().settings, {params, readOnly != 0, snapshot, transports}, made);
  if (result == kOk) *connection = reinterpret_cast<Connection>(made.release());
  return result;
}

VixError VixDiskLib_Connect(const ConnectParams* params, Connection* connection) {
  return VixDiskLib_ConnectEx(params, 0, nullptr, "file:nbdssl:nbd", connection);
}

VixError VixDiskLib_GetConnectParams(Connection connection, ConnectParams** params) {
  if (connection == nullptr || params == nullptr) return kInvalidArgument;
  *params = static_cast<ConnectParams*>(std::calloc(1, sizeof(ConnectParams)));
  return kOk;
}

VixError VixDiskLib_Disconnect(Connection connection) {
  const Call call(Function::kDisconnect);
  const ControlCall control(Function::kDisconnect);
  if (connection == nullptr) return kInvalidArgument;
  const std::unique_ptr<LabConnection> owned(connectionOf(connection));
  if (owned->openDisks > 0) violation("disks of the connection are still open", "Disconnect");
  return call.error();
}

VixError VixDiskLib_Open(Connection connection, const char* path, uint32_t flags, Handle* handle) {
  const Call call(Function::kOpen);
  const ControlCall control(Function::kOpen);
  if (call.error() != kOk) return call.error();
  if (connection == nullptr || path == nullptr || handle == nullptr) return kInvalidArgument;
  Library& lab = library();
  std::unique_ptr<LabDisk> disk;
  const OpenRequest request{path, flags, call.effect().transport};
  const VixError result = openDisk(lab.settings, *connectionOf(connection), request, disk);
  if (result != kOk) return result;
  if (disk->async && !lab.pool) lab.pool = std::make_unique<LabPool>();
  logInfo("VixDiskLib: opened %s by %s.\n", path, disk->transport);
  *handle = reinterpret_cast<Handle>(disk.release());
  return kOk;
}

VixError VixDiskLib_Close(Handle handle) {
  const Call call(Function::kClose);
  const ControlCall control(Function::kClose);
  LabDisk* disk = diskOf(handle);
  if (disk == nullptr) return kInvalidHandle;
  Library& lab = library();
  {
    const HandleCall use(*disk, Function::kClose);
    if (disk->async && lab.pool->outstanding(*disk) > 0) violation("requests are outstanding; Wait comes first", "Close");
  }
  if (!disk->attachment.path.empty()) forgetAttachment(lab.settings, disk->note, disk->attachment);
  disk->connection->openDisks--;
  delete disk;
  return call.error();
}

const char* VixDiskLib_GetTransportMode(Handle handle) {
  const Call call(Function::kGetTransportMode);
  const LabDisk* disk = diskOf(handle);
  if (disk == nullptr) return nullptr;
  // The caller may keep the pointer for ever.
  return call.effect().transport.empty() ? disk->transport : ::strdup(call.effect().transport.c_str());
}

VixError VixDiskLib_GetInfo(Handle handle, Info** info) {
  const Call call(Function::kGetInfo);
  LabDisk* disk = diskOf(handle);
  if (disk == nullptr) return kInvalidHandle;
  const HandleCall use(*disk, Function::kGetInfo);
  if (call.error() != kOk) return call.error();
  Info* made = allocateInfo();
  made->capacitySectors = disk->facts.capacitySectors;
  made->adapterType = 3;
  made->linkCount = 1;
  made->uuid = copied(disk->facts.uuid);
  setSectorSizes(made);
  *info = made;
  return kOk;
}

void VixDiskLib_FreeInfo(Info* info) {
  if (info == nullptr) return;
  std::free(info->uuid);
  releaseInfo(info);
}

}  // namespace coldframe::abi
