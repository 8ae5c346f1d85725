// What a disk is to everything above the core: a thing of bytes that takes
// reads and writes and completes them on any thread. Two kinds implement it:
// a VixDiskLib handle (vix_disk.cc) and a block device or file (block_disk.cc).
//
// Threads: open(), allocated(), metadata and close belong to the one control
// thread of the process; submit*, drain() and flush() belong to one I/O thread
// per disk. A completion may arrive inline, before submit* returns, or later
// on a thread of the library; it never throws and never calls back into Disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "error.h"

namespace coldframe {

constexpr uint64_t kSectorBytes = 512;

/// Half-open byte range of a disk.
struct Extent {
  uint64_t offset = 0;
  uint64_t length = 0;
};

struct DiskInfo {
  uint64_t capacityBytes = 0;
  uint32_t logicalSectorBytes = 512;
  uint32_t physicalSectorBytes = 512;
  /// What really carries the bytes: hotadd, san, nbdssl, nbd, file or block.
  std::string transport;
  /// True where requests in flight overlap (network transports, block devices).
  bool async = false;
  /// Empty where the source has none.
  std::string uuid;
};

/// One read or write. The buffer stays valid until `done` has been called.
/// Offsets and lengths are bytes and multiples of the sector size; buffers are
/// aligned to 4 KiB.
struct IoRequest {
  uint64_t offset = 0;
  uint32_t length = 0;
  uint8_t* buffer = nullptr;
  /// Called exactly once for every accepted request. `error` is null on success
  /// and owned by the callee otherwise.
  void (*done)(void* context, std::unique_ptr<Error> error) = nullptr;
  void* context = nullptr;
};

class Disk {
 public:
  virtual ~Disk() = default;

  virtual const DiskInfo& info() const = 0;

  /// Accepts the request, or throws Error and never calls `done`.
  virtual void submitRead(const IoRequest& request) = 0;
  virtual void submitWrite(const IoRequest& request) = 0;
  /// Returns when every accepted request has completed.
  virtual void drain() = 0;
  /// Makes completed writes durable.
  virtual void flush() = 0;

  /// The allocated byte ranges of [offset, offset + length), sorted and merged,
  /// at the source's own granularity. Whatever the source cannot tell is
  /// reported as allocated. Throws Error(kNotSupported) where it has no map.
  virtual std::vector<Extent> allocated(uint64_t offset, uint64_t length) = 0;

  virtual std::vector<std::pair<std::string, std::string>> readMetadata() = 0;
  virtual void writeMetadata(const std::string& key, const std::string& value) = 0;

  /// Drains and closes; errors are thrown once, later calls do nothing.
  virtual void close() = 0;
};

}  // namespace coldframe
