// Random sparse disks: the map must cover every byte that is not zero, at the
// granularity it promises, for the whole disk and for any part of it.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "../core/block_disk.h"
#include "../core/file_descriptor.h"
#include "harness.h"
#include "lab_world.h"

namespace coldframe::test {

namespace {

constexpr uint64_t kChunk = 64 * 1024;

/// Scatters data over a sparse file; returns its size, which has a ragged tail.
uint64_t scatter(const std::string& path, std::mt19937_64& random) {
  const uint64_t size = (20 + random() % 100) * kChunk + random() % 127 * 512 + 512;
  writeFile(path, {});
  const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  bool good = ::ftruncate(file.get(), static_cast<off_t>(size)) == 0;
  for (uint64_t i = random() % 12; i > 0; i--) {
    const Bytes data(512 + random() % (2 * kChunk), 1);
    const uint64_t offset = random() % size;
    const size_t length = std::min<uint64_t>(data.size(), size - offset);
    good = good && ::pwrite(file.get(), data.data(), length, static_cast<off_t>(offset)) == static_cast<ssize_t>(length);
  }
  if (!good) throw Failure{"cannot write " + path};
  return size;
}

/// Sorted, apart from each other, inside the range, and nothing but zeros outside.
void expectCovers(const std::vector<Extent>& extents, const Bytes& disk, const Extent& range) {
  uint64_t at = range.offset;
  const auto zeroUntil = [&](uint64_t end) {
    const auto from = disk.begin() + static_cast<std::ptrdiff_t>(at);
    return std::all_of(from, disk.begin() + static_cast<std::ptrdiff_t>(end), [](uint8_t byte) { return byte == 0; });
  };
  for (const Extent& extent : extents) {
    EXPECT(extent.length > 0);
    EXPECT(extent.offset > at || at == range.offset);
    EXPECT(extent.offset >= range.offset && extent.offset + extent.length <= range.offset + range.length);
    EXPECT(zeroUntil(extent.offset));
    at = extent.offset + extent.length;
  }
  EXPECT(zeroUntil(range.offset + range.length));
}

void expectGoodMaps(Disk& disk, const Bytes& bytes, std::mt19937_64& random) {
  const Extent whole{0, bytes.size()};
  expectCovers(disk.allocated(0, bytes.size()), bytes, whole);
  for (int i = 0; i < 10; i++) {
    const uint64_t start = random() % (bytes.size() / 512);
    const uint64_t count = 1 + random() % (bytes.size() / 512 - start);
    const Extent part{start * 512, count * 512};
    expectCovers(disk.allocated(part.offset, part.length), bytes, part);
  }
}

TEST(randomMapsCoverAllDataOverTheLibrary) {
  std::mt19937_64 random(400);
  for (int i = 0; i < 8; i++) {
    const LabWorld world({});
    const ScopedEnvironment scoped(world.environment());
    const uint64_t size = scatter(world.rawFile(), random);
    const Bytes bytes = readFile(world.rawFile());
    OpenedDisk opened(world.loadOptions(), connectOptions("nbdssl"));
    expectGoodMaps(*opened.disk, bytes, random);
    for (const Extent& extent : opened.disk->allocated(0, size)) {
      EXPECT_EQ(extent.offset % kChunk, 0U);
      EXPECT(extent.length % kChunk == 0 || extent.offset + extent.length == size);
    }
    opened.close();
  }
}

TEST(randomMapsCoverAllDataOfAFile) {
  std::mt19937_64 random(500);
  for (int i = 0; i < 8; i++) {
    const TempDir dir;
    scatter(dir / "disk", random);
    const Bytes bytes = readFile(dir / "disk");
    const auto disk = openBlockDisk({.path = dir / "disk"});
    expectGoodMaps(*disk, bytes, random);
    disk->close();
  }
}

}  // namespace

}  // namespace coldframe::test
