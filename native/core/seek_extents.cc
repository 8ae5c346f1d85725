#include "seek_extents.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "failures.h"

namespace coldframe {

namespace {

constexpr uint64_t kNowhere = UINT64_MAX;

uint64_t seek(int fd, uint64_t from, int whence) {
  const off_t found = ::lseek(fd, static_cast<off_t>(from), whence);
  if (found >= 0) return static_cast<uint64_t>(found);
  if (errno == ENXIO) return kNowhere;
  if (errno == EINVAL || errno == ENOTSUP) {
    throw ownError(kNotSupported, "lseek", "The file system does not report holes.");
  }
  throw systemError(errno, "lseek", "");
}

}  // namespace

std::vector<Extent> seekExtents(int fd, Extent range) {
  std::vector<Extent> extents;
  const uint64_t end = range.offset + range.length;
  uint64_t at = range.offset;
  while (at < end) {
    const uint64_t data = seek(fd, at, SEEK_DATA);
    if (data >= end) break;
    const uint64_t hole = std::min(seek(fd, data, SEEK_HOLE), end);
    const uint64_t first = data / kSectorBytes * kSectorBytes;
    const uint64_t last = std::min(end, (hole + kSectorBytes - 1) / kSectorBytes * kSectorBytes);
    if (!extents.empty() && first <= extents.back().offset + extents.back().length) {
      extents.back().length = last - extents.back().offset;
    } else {
      extents.push_back({first, last - first});
    }
    at = hole;
  }
  return extents;
}

}  // namespace coldframe
