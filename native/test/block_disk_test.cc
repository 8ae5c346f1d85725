// Block devices and raw files.
#include "../core/block_disk.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "../core/failures.h"
#include "harness.h"
#include "lab_world.h"

namespace coldframe::test {

namespace {

constexpr size_t kMiB = 1 << 20;

TEST(blockDiskReadsEveryByteBufferedAndDirect) {
  const TempDir dir;
  const Bytes bytes = randomBytes(3 * kMiB + 512, 7);
  writeFile(dir / "disk", bytes);
  for (const bool direct : {false, true}) {
    const auto disk = openBlockDisk({.path = dir / "disk", .direct = direct});
    EXPECT_EQ(disk->info().transport, "file");
    EXPECT(disk->info().async);
    EXPECT_EQ(disk->info().capacityBytes, bytes.size());
    Buffer buffer(bytes.size());
    std::atomic<unsigned> fired{0};
    const auto done = [](void* context, std::unique_ptr<Error> error) {
      if (!error) (*static_cast<std::atomic<unsigned>*>(context))++;
    };
    unsigned submitted = 0;
    // The last request is one sector, too small for direct I/O.
    for (uint64_t offset = 0; offset < bytes.size(); offset += 64 * 1024) {
      const auto length = static_cast<uint32_t>(std::min<uint64_t>(64 * 1024, bytes.size() - offset));
      disk->submitRead({offset, length, buffer.data() + offset, done, &fired});
      submitted++;
    }
    disk->drain();
    EXPECT_EQ(fired.load(), submitted);
    EXPECT(buffer.bytes() == bytes);
    disk->close();
  }
}

TEST(blockDiskMixesDirectAndBufferedWrites) {
  const TempDir dir;
  Bytes expected(kMiB, 0);
  writeFile(dir / "disk", expected);
  const auto disk = openBlockDisk({.path = dir / "disk", .readOnly = false});
  const std::vector<std::pair<uint64_t, size_t>> writes = {
      {0, 65536}, {4608, 512}, {512, 1024}, {8192, 4096}, {kMiB - 512, 512}};
  for (const auto& [offset, length] : writes) {
    const Bytes bytes = randomBytes(length, offset + 1);
    Buffer buffer(length);
    std::copy(bytes.begin(), bytes.end(), buffer.data());
    std::copy(bytes.begin(), bytes.end(), expected.begin() + static_cast<std::ptrdiff_t>(offset));
    writeAt(*disk, offset, buffer);
    Buffer back(length);
    readAt(*disk, offset, back);
    EXPECT(back.bytes() == bytes);
  }
  disk->flush();
  disk->close();
  EXPECT(readFile(dir / "disk") == expected);
}

TEST(blockDiskRefusesWhatIsNoDisk) {
  const TempDir dir;
  EXPECT_EQ(nameOfError([&] { openBlockDisk({.path = dir / "absent"}); }), "ENOENT");
  EXPECT_EQ(nameOfError([&] { openBlockDisk({.path = dir.path()}); }), kBadRequest);
  EXPECT_EQ(nameOfError([&] { openBlockDisk({.path = "/dev/null"}); }), kBadRequest);
  writeFile(dir / "ragged", Bytes(1000, 1));
  const Error ragged = errorOf([&] { openBlockDisk({.path = dir / "ragged"}); });
  EXPECT_EQ(ragged.name, kBadRequest);
  EXPECT_CONTAINS(ragged.text, "1000 bytes");
  EXPECT_EQ(ragged.disk, dir / "ragged");
}

TEST(blockDiskRefusesRequestsThatBreakTheRules) {
  const TempDir dir;
  writeFile(dir / "disk", Bytes(4096, 1));
  const auto disk = openBlockDisk({.path = dir / "disk"});
  Buffer buffer(8192);
  EXPECT_EQ(nameOfError([&] { readAt(*disk, 0, buffer); }), kOutOfRange);
  Buffer sector(512);
  EXPECT_EQ(nameOfError([&] { readAt(*disk, 4096, sector); }), kOutOfRange);
  EXPECT_EQ(nameOfError([&] { readAt(*disk, 100, sector); }), kBadRequest);
  EXPECT_EQ(nameOfError([&] { writeAt(*disk, 0, sector); }), kReadOnly);
  EXPECT(isNotSupported(errorOf([&] { disk->writeMetadata("a", "b"); })));
  EXPECT(disk->readMetadata().empty());
  disk->close();
  disk->close();
  disk->drain();
  EXPECT_EQ(nameOfError([&] { readAt(*disk, 0, sector); }), kClosed);
  EXPECT_EQ(nameOfError([&] { disk->flush(); }), kClosed);
  EXPECT_EQ(nameOfError([&] { disk->allocated(0, 512); }), kClosed);
}

TEST(blockDiskReportsAShortReadAsAnError) {
  const TempDir dir;
  writeFile(dir / "disk", Bytes(kMiB, 1));
  for (const bool direct : {false, true}) {
    if (::truncate((dir / "disk").c_str(), kMiB) != 0) throw Failure{"truncate failed"};
    const auto disk = openBlockDisk({.path = dir / "disk", .direct = direct});
    if (::truncate((dir / "disk").c_str(), 4096) != 0) throw Failure{"truncate failed"};
    Buffer buffer(64 * 1024);
    const Error error = errorOf([&] { readAt(*disk, 0, buffer); });
    EXPECT_EQ(error.name, "EIO");
    EXPECT_EQ(error.function, "pread");
    EXPECT_CONTAINS(error.text, "Only 4096 of 65536 bytes");
    EXPECT_EQ(error.disk, dir / "disk");
  }
}

/// Makes the kernel refuse writes past `bytes`, much as a full device would.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, SIG_DFL);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST(blockDiskReportsARefusedWriteAndItsPlace) {
  const TempDir dir;
  writeFile(dir / "disk", Bytes(kMiB, 1));
  const auto disk = openBlockDisk({.path = dir / "disk", .readOnly = false, .direct = false});
  Buffer buffer(64 * 1024);
  const SizeLimit limit(96 * 1024);
  writeAt(*disk, 0, buffer);
  // Half of it fits: the kernel writes that half and refuses the rest.
  const Error error = errorOf([&] { writeAt(*disk, 64 * 1024, buffer); });
  EXPECT_EQ(error.name, "EFBIG");
  EXPECT_EQ(error.function, "pwrite");
  EXPECT_CONTAINS(error.text, "at byte 98304");
  disk->close();
}

TEST(blockDiskMapsTheHolesOfAFile) {
  const TempDir dir;
  writeFile(dir / "disk", {});
  const int fd = ::open((dir / "disk").c_str(), O_RDWR | O_CLOEXEC);
  const Bytes data(64 * 1024, 9);
  const bool written = ::pwrite(fd, data.data(), data.size(), kMiB) == static_cast<ssize_t>(data.size()) &&
                       ::ftruncate(fd, 8 * kMiB) == 0;
  ::close(fd);
  EXPECT(written);
  const auto disk = openBlockDisk({.path = dir / "disk"});
  const std::vector<Extent> extents = disk->allocated(0, 8 * kMiB);
  EXPECT_EQ(extents.size(), 1U);
  EXPECT_EQ(extents[0].offset, kMiB);
  EXPECT_EQ(extents[0].length, data.size());
  EXPECT(disk->allocated(2 * kMiB, kMiB).empty());
  const std::vector<Extent> part = disk->allocated(kMiB + 4096, 8192);
  EXPECT_EQ(part[0].offset, kMiB + 4096);
  EXPECT_EQ(part[0].length, 8192U);
  EXPECT_EQ(nameOfError([&] { disk->allocated(8 * kMiB, 512); }), kOutOfRange);
  disk->close();
}

TEST(systemErrorsHaveNamesAndRetryClasses) {
  EXPECT_EQ(systemError(EIO, "pread", "d").name, "EIO");
  EXPECT(systemError(ENXIO, "pread", "d").retry == Retry::kNextTransport);
  EXPECT(systemError(EBUSY, "open", "d").retry == Retry::kAgain);
  EXPECT(systemError(EACCES, "open", "d").retry == Retry::kNo);
  EXPECT_EQ(errnoName(4095), "errno 4095");
}

}  // namespace

}  // namespace coldframe::test
