// One open disk: a raw file, and the rules of a VixDiskLib handle.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../core/file_descriptor.h"
#include "../core/vix_abi.h"
#include "lab_metadata.h"
#include "lab_state.h"

namespace coldframe::lab {

struct LabConnection;

struct LabDisk {
  static constexpr uint64_t kAlive = 0x434f4c4446524d31;

  uint64_t magic = kAlive;
  LabConnection* connection = nullptr;
  FileDescriptor file;
  DiskFacts facts;
  /// Of static storage, as GetTransportMode promises.
  const char* transport = "file";
  bool async = false;
  bool writable = false;
  bool unbuffered = false;
  Attachment attachment;
  std::string note;
  std::atomic<bool> busy{false};
  /// Guarded by the pool's mutex.
  uint32_t outstanding = 0;

  ~LabDisk() { magic = 0; }
};

struct Transfer {
  uint64_t start = 0;
  uint64_t count = 0;
  uint8_t* buffer = nullptr;
  bool write = false;
  /// Leaves the last sector of the buffer as it was.
  bool shortened = false;
};

/// Sector range, alignment and direction; 0 or the code.
uint64_t checkTransfer(const LabDisk& disk, const Transfer& transfer);

/// Moves the bytes; 0 or the code.
uint64_t runTransfer(const LabDisk& disk, const Transfer& transfer);

/// The blocks in [start, start + count) that hold data, in whole chunks.
uint64_t findAllocated(const LabDisk& disk, const Transfer& range, uint64_t chunk, std::vector<abi::Block>& blocks);

}  // namespace coldframe::lab
