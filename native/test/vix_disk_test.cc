// Reading, writing, the map and the metadata of an open disk.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "../core/failures.h"
#include "harness.h"
#include "lab_world.h"

namespace coldframe::test {

namespace {

constexpr size_t kMiB = 1 << 20;

struct Tally {
  std::atomic<unsigned> fired{0};
  std::atomic<unsigned> failed{0};
  std::atomic<bool> elsewhere{false};
  const std::thread::id submitter = std::this_thread::get_id();

  static void done(void* context, std::unique_ptr<Error> error) {
    auto* self = static_cast<Tally*>(context);
    if (std::this_thread::get_id() != self->submitter) self->elsewhere = true;
    if (error) self->failed++;
    self->fired++;
  }
};

TEST(readsEveryByteByEveryTransport) {
  const Bytes bytes = randomBytes(4 * kMiB + 512, 2);
  const LabWorld world(bytes);
  const ScopedEnvironment scoped(world.environment());
  for (const std::string transport : {"hotadd", "san", "nbdssl", "nbd"}) {
    OpenedDisk opened(world.loadOptions(), connectOptions(transport));
    Disk& disk = *opened.disk;
    EXPECT_EQ(disk.info().transport, transport);
    EXPECT_EQ(disk.info().async, transport.starts_with("nbd"));
    Buffer buffer(bytes.size());
    Tally tally;
    unsigned submitted = 0;
    for (uint64_t offset = 0; offset < bytes.size(); offset += 64 * 1024) {
      const auto length = static_cast<uint32_t>(std::min<uint64_t>(64 * 1024, bytes.size() - offset));
      disk.submitRead({offset, length, buffer.data() + offset, &Tally::done, &tally});
      submitted++;
    }
    disk.drain();
    EXPECT_EQ(tally.fired.load(), submitted);
    EXPECT_EQ(tally.failed.load(), 0U);
    EXPECT_EQ(tally.elsewhere.load(), disk.info().async);
    EXPECT(buffer.bytes() == bytes);
    opened.close();
  }
}

TEST(writesAreReadBackByEveryTransport) {
  for (const std::string transport : {"hotadd", "san", "nbdssl", "nbd"}) {
    const LabWorld world(Bytes(2 * kMiB, 0));
    const ScopedEnvironment scoped(world.environment());
    Bytes expected(2 * kMiB, 0);
    OpenedDisk opened(world.loadOptions(), connectOptions(transport, false), {.unbuffered = true});
    Buffer buffer(64 * 1024);
    std::mt19937 random(3);
    for (int i = 0; i < 20; i++) {
      const Bytes bytes = randomBytes(buffer.size(), random());
      const uint64_t offset = random() % (2 * kMiB / 512 - 128) * 512;
      std::copy(bytes.begin(), bytes.end(), buffer.data());
      std::copy(bytes.begin(), bytes.end(), expected.begin() + static_cast<std::ptrdiff_t>(offset));
      writeAt(*opened.disk, offset, buffer);
    }
    opened.disk->flush();
    opened.close();
    EXPECT(readFile(world.rawFile()) == expected);
  }
}

TEST(refusesRequestsThatBreakTheRules) {
  const LabWorld world(Bytes(kMiB, 1));
  const ScopedEnvironment scoped(world.environment());
  OpenedDisk opened(world.loadOptions(), connectOptions("hotadd"));
  Disk& disk = *opened.disk;
  Buffer buffer(kMiB + 4096);
  Tally tally;
  const auto name = [&](uint64_t offset, uint32_t length) {
    return nameOfError([&] { disk.submitRead({offset, length, buffer.data(), &Tally::done, &tally}); });
  };
  EXPECT_EQ(name(kMiB, 512), kOutOfRange);
  EXPECT_EQ(name(UINT64_MAX - 511, 1024), kOutOfRange);
  EXPECT_EQ(name(0, kMiB + 512), kOutOfRange);
  EXPECT_EQ(name(1, 512), kBadRequest);
  EXPECT_EQ(name(0, 511), kBadRequest);
  EXPECT_EQ(name(0, 0), kBadRequest);
  EXPECT_EQ(nameOfError([&] { disk.submitWrite({0, 512, buffer.data(), &Tally::done, &tally}); }), kReadOnly);
  EXPECT_EQ(tally.fired.load(), 0U);
  disk.close();
  disk.close();
  EXPECT_EQ(name(0, 512), kClosed);
  EXPECT_EQ(nameOfError([&] { disk.flush(); }), kClosed);
  EXPECT_EQ(nameOfError([&] { disk.readMetadata(); }), kClosed);
}

TEST(refusesIoFromASecondThread) {
  const LabWorld world(Bytes(kMiB, 1));
  const ScopedEnvironment scoped(world.environment());
  OpenedDisk opened(world.loadOptions(), connectOptions("nbd"));
  Buffer buffer(4096);
  readAt(*opened.disk, 0, buffer);
  std::string name;
  std::thread other([&] { name = nameOfError([&] { readAt(*opened.disk, 0, buffer); }); });
  other.join();
  EXPECT_EQ(name, kThreadRule);
  opened.close();
}

TEST(refusesAMapQuestionDuringARead) {
  const LabWorld world(Bytes(kMiB, 1));
  const ScopedEnvironment scoped(world.environment({{"COLDFRAME_LAB_VDDK_FAULTS", "ReadAsync:1:delay=300"}}));
  OpenedDisk opened(world.loadOptions(), connectOptions("hotadd"));
  Buffer buffer(4096);
  std::atomic<bool> started{false};
  std::thread reader([&] {
    started = true;
    readAt(*opened.disk, 0, buffer);
  });
  while (!started) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(nameOfError([&] { opened.disk->allocated(0, kMiB); }), kThreadRule);
  reader.join();
  opened.close();
}

/// A sparse raw file with data at the given 64 KiB chunks.
void writeSparse(const std::string& path, uint64_t size, const std::vector<uint64_t>& chunks) {
  writeFile(path, {});
  const Bytes data(64 * 1024, 7);
  FILE* file = std::fopen(path.c_str(), "r+");
  for (const uint64_t chunk : chunks) {
    std::fseek(file, static_cast<long>(chunk * 64 * 1024), SEEK_SET);
    std::fwrite(data.data(), 1, data.size(), file);
  }
  std::fclose(file);
  if (::truncate(path.c_str(), static_cast<off_t>(size)) != 0) throw Failure{"truncate failed"};
}

std::string shownExtents(const std::vector<Extent>& extents) {
  std::string text;
  for (const Extent& extent : extents) {
    text += std::to_string(extent.offset / 1024) + "+" + std::to_string(extent.length / 1024) + " ";
  }
  return text;
}

TEST(mapsAllocatedBlocksAcrossStepsAndCountsTheTail) {
  const LabWorld world({});
  const uint64_t chunksPerStep = 524288;
  // Three steps of 32 GiB, data on both sides of each border, and a tail of 4 KiB.
  const uint64_t size = 3 * chunksPerStep * 64 * 1024 + 4096;
  writeSparse(world.rawFile(), size, {0, 5, chunksPerStep - 1, chunksPerStep, 2 * chunksPerStep + 1});
  const ScopedEnvironment scoped(world.environment());
  for (const std::string transport : {"hotadd", "nbdssl"}) {
    OpenedDisk opened(world.loadOptions(), connectOptions(transport));
    EXPECT_EQ(shownExtents(opened.disk->allocated(0, size)), "0+64 320+64 33554368+128 67108928+64 100663296+4 ");
    EXPECT_EQ(shownExtents(opened.disk->allocated(4096, 8192)), "4+8 ");
    EXPECT_EQ(shownExtents(opened.disk->allocated(128 * 1024, 64 * 1024)), "");
    EXPECT_EQ(shownExtents(opened.disk->allocated(size - 4096, 4096)), "100663296+4 ");
    EXPECT_EQ(shownExtents(opened.disk->allocated(size, 0)), "");
    EXPECT_EQ(nameOfError([&] { opened.disk->allocated(size, 512); }), kOutOfRange);
    opened.close();
  }
}

TEST(saysThatThereIsNoMapAndWhy) {
  const LabWorld world(Bytes(kMiB, 1));
  const std::string faults = "QueryAllocatedBlocks:1:error=6;QueryAllocatedBlocks:2:error=14011";
  const ScopedEnvironment scoped(world.environment({{"COLDFRAME_LAB_VDDK_FAULTS", faults}}));
  OpenedDisk opened(world.loadOptions(), connectOptions("nbd"));
  const Error none = errorOf([&] { opened.disk->allocated(0, kMiB); });
  EXPECT(isNotSupported(none));
  EXPECT_EQ(none.disk, LabWorld::kPath);
  EXPECT_EQ(none.transport, "nbd");
  // A lost connection is no reason to believe that there is no map.
  EXPECT_EQ(nameOfError([&] { opened.disk->allocated(0, kMiB); }), "VIX_E_TCP_CONN_LOST");
  EXPECT_EQ(shownExtents(opened.disk->allocated(0, kMiB)), "0+1024 ");
  opened.close();
}

TEST(readsAndWritesMetadata) {
  const LabWorld world(Bytes(kMiB, 1));
  const ScopedEnvironment scoped(world.environment());
  OpenedDisk opened(world.loadOptions(), connectOptions("hotadd", false), {.unbuffered = true});
  Disk& disk = *opened.disk;
  const auto before = disk.readMetadata();
  EXPECT(before.size() > 3);
  EXPECT_EQ(before.front().first, "adapterType");
  EXPECT_EQ(before.front().second, "lsilogic");
  disk.writeMetadata("coldframe.note", "tab\there, line\nthere, back\\slash");
  disk.writeMetadata("empty", "");
  const auto after = disk.readMetadata();
  EXPECT_EQ(after.size(), before.size() + 2);
  EXPECT_EQ(after[before.size()].second, "tab\there, line\nthere, back\\slash");
  EXPECT_EQ(after.back().first, "empty");
  EXPECT_EQ(after.back().second, "");
  opened.close();
  OpenedDisk snapshot(world.loadOptions(), connectOptions("nbd"));
  EXPECT_EQ(nameOfError([&] { snapshot.disk->writeMetadata("a", "b"); }), "VIX_E_FILE_READ_ONLY");
  snapshot.close();
}

TEST(worksWithoutTheFunctionsOf67) {
  const Bytes bytes = randomBytes(kMiB, 4);
  const LabWorld world(bytes);
  const ScopedEnvironment scoped(world.environment());
  OpenedDisk opened(world.loadOptions("no67"), connectOptions("nbdssl"));
  EXPECT_EQ(opened.library->major(), 6U);
  EXPECT_EQ(opened.library->version(), "6.5.4 build-1");
  EXPECT_EQ(opened.library->missingOptional().size(), 3U);
  EXPECT_EQ(nameOfError([&] { opened.disk->allocated(0, kMiB); }), kNotSupported);
  Buffer buffer(kMiB);
  readAt(*opened.disk, 0, buffer);
  EXPECT(buffer.bytes() == bytes);
  opened.close();
}

TEST(doesNotReadSectorSizesThatAnOlderInfoLacks) {
  const LabWorld world(Bytes(kMiB, 1));
  const ScopedEnvironment scoped(world.environment());
  OpenedDisk opened(world.loadOptions("info56"), connectOptions("nbd"));
  EXPECT_EQ(opened.disk->info().capacityBytes, kMiB);
  EXPECT_EQ(opened.disk->info().physicalSectorBytes, 512U);
  EXPECT_EQ(opened.disk->info().uuid, "6000C29a-0000");
  opened.close();
}

TEST(keepsFourDisksBusyAtOnce) {
  const Bytes bytes = randomBytes(2 * kMiB, 5);
  const LabWorld world(bytes);
  const ScopedEnvironment scoped(world.environment({{"COLDFRAME_LAB_VDDK_LATENCY_MS", "1"}}));
  OpenedDisk opened(world.loadOptions(), connectOptions("nbd"));
  std::vector<std::unique_ptr<Disk>> disks;
  for (int i = 0; i < 4; i++) disks.push_back(opened.connection->open(LabWorld::kPath, {}));
  std::atomic<unsigned> equal{0};
  std::vector<std::thread> threads;
  for (const auto& disk : disks) {
    threads.emplace_back([&bytes, &equal, &disk] {
      Buffer buffer(bytes.size());
      Tally tally;
      for (uint64_t offset = 0; offset < bytes.size(); offset += 32 * 1024) {
        disk->submitRead({offset, 32 * 1024, buffer.data() + offset, &Tally::done, &tally});
      }
      disk->drain();
      if (buffer.bytes() == bytes) equal++;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(equal.load(), 4U);
  for (const auto& disk : disks) disk->close();
  opened.close();
}

}  // namespace

}  // namespace coldframe::test
