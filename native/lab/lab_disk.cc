#include "lab_disk.h"

#include <unistd.h>

#include <cerrno>

#include "../core/disk.h"
#include "../core/seek_extents.h"
#include "lab_codes.h"
#include "lab_log.h"

namespace coldframe::lab {

namespace {

uint64_t codeOfErrno(int number) { return number == ENOSPC ? kDiskFull : kFileError; }

}  // namespace

uint64_t checkTransfer(const LabDisk& disk, const Transfer& transfer) {
  const uint64_t capacity = disk.facts.capacitySectors;
  if (transfer.start > capacity || transfer.count > capacity - transfer.start) {
    logWarning("VixDiskLib: request for %llu sectors at %llu lies beyond the disk's %llu sectors.\n",
               static_cast<unsigned long long>(transfer.count), static_cast<unsigned long long>(transfer.start),
               static_cast<unsigned long long>(capacity));
    return kOutOfRange;
  }
  if (transfer.buffer == nullptr || transfer.count == 0) return kInvalidArgument;
  if (disk.unbuffered && reinterpret_cast<uintptr_t>(transfer.buffer) % kSectorBytes != 0) return kInvalidArgument;
  return transfer.write && !disk.writable ? kReadOnlyFile : 0;
}

uint64_t runTransfer(const LabDisk& disk, const Transfer& transfer) {
  const int fd = disk.file.get();
  uint64_t left = (transfer.count - (transfer.shortened ? 1 : 0)) * kSectorBytes;
  uint8_t* at = transfer.buffer;
  auto offset = static_cast<off_t>(transfer.start * kSectorBytes);
  while (left > 0) {
    const ssize_t moved = transfer.write ? ::pwrite(fd, at, left, offset) : ::pread(fd, at, left, offset);
    if (moved < 0 && errno == EINTR) continue;
    if (moved < 0) return codeOfErrno(errno);
    if (moved == 0) return kFileError;
    at += moved;
    offset += moved;
    left -= static_cast<uint64_t>(moved);
  }
  return 0;
}

uint64_t findAllocated(const LabDisk& disk, const Transfer& range, uint64_t chunk, std::vector<abi::Block>& blocks) {
  const bool chunkFits = chunk >= abi::kMinChunkSectors && chunk <= abi::kMaxChunkSectors;
  if (!chunkFits || range.start % chunk != 0 || range.count % chunk != 0 || range.count == 0 ||
      range.count / chunk > abi::kMaxChunksPerQuery) {
    logWarning("VixDiskLib: the map is asked for in whole chunks of 128 to 131072 sectors, at most 524288 of them.\n");
    return kInvalidArgument;
  }
  const uint64_t capacity = disk.facts.capacitySectors;
  if (range.start > capacity || range.count > capacity - range.start) return kOutOfRange;
  std::vector<Extent> extents;
  try {
    extents = seekExtents(disk.file.get(), {range.start * kSectorBytes, range.count * kSectorBytes});
  } catch (const Error&) {
    return kNotSupported;
  }
  for (const Extent& extent : extents) {
    const uint64_t first = extent.offset / kSectorBytes / chunk * chunk;
    const uint64_t end = (extent.offset + extent.length + chunk * kSectorBytes - 1) / kSectorBytes / chunk * chunk;
    if (!blocks.empty() && first <= blocks.back().offsetSectors + blocks.back().lengthSectors) {
      blocks.back().lengthSectors = end - blocks.back().offsetSectors;
    } else {
      blocks.push_back({first, end - first});
    }
  }
  return 0;
}

}  // namespace coldframe::lab
