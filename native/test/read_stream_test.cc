// The read stream over a disk in memory: order, digests, frames, bounds, ends.
#include "../pipeline/read_stream.h"

#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <thread>

#include "../core/failures.h"
#include "harness.h"
#include "lab_world.h"
#include "memory_port.h"

namespace coldframe::test {

namespace {

constexpr uint64_t kGrid = 64 * 1024;

struct Rig {
  explicit Rig(Bytes bytes) : disk(std::move(bytes)), port(disk) {}

  std::shared_ptr<ReadStream> start(std::vector<double> extents, std::optional<int> level = std::nullopt) {
    ReadOptions options;
    options.extents = std::move(extents);
    options.chunkBytes = kGrid;
    options.slotBytes = 4 * kGrid;
    options.depth = 4;
    options.compressLevel = level;
    return ReadStream::start(port, pool, std::move(options), [this] { bell.ring(); });
  }

  /// The next slots; empty at the end.
  std::vector<HeldSlot> next(ReadStream& stream, size_t max = 64) {
    std::vector<HeldSlot> slots;
    ReadStream::State state = ReadStream::State::kRunning;
    bell.waitUntil([&] {
      state = stream.take(max, slots);
      return state != ReadStream::State::kRunning || !slots.empty();
    });
    if (state == ReadStream::State::kFailed) throw Error(stream.failure());
    return slots;
  }

  void checkSlot(const ReadStream& stream, const HeldSlot& slot) {
    const uint8_t* data = stream.area()->data() + slot.dataStart;
    const uint8_t* at = data;
    bool zero = true;
    for (const Chunk& chunk : slot.chunks) {
      EXPECT(chunk.offset / kGrid == (chunk.offset + chunk.length - 1) / kGrid);
      EXPECT(std::memcmp(at, disk.data() + chunk.offset, chunk.length) == 0);
      EXPECT(chunk.digest == blake3(at, chunk.length));
      EXPECT_EQ(chunk.allZero, std::all_of(at, at + chunk.length, [](uint8_t byte) { return byte == 0; }));
      zero = zero && chunk.allZero;
      at += chunk.length;
    }
    EXPECT_EQ(static_cast<size_t>(at - data), slot.dataBytes);
    EXPECT_EQ(slot.allZero, zero);
    if (slot.frameBytes == 0) return;
    Bytes decoded(slot.dataBytes);
    const uint8_t* frame = stream.area()->data() + slot.frameStart;
    EXPECT_EQ(ZSTD_decompress(decoded.data(), decoded.size(), frame, slot.frameBytes), slot.dataBytes);
    EXPECT(std::memcmp(decoded.data(), data, slot.dataBytes) == 0);
  }

  // The bell outlives the threads that ring it.
  Bell bell;
  Bytes disk;
  MemoryPort port;
  ComputePool pool{3};
};

Bytes mixedDisk(size_t length) {
  Bytes disk = randomBytes(length, 31);
  for (size_t at = 0; at + kGrid <= length; at += 3 * kGrid) std::fill_n(disk.begin() + static_cast<long>(at), kGrid, 0);
  return disk;
}

std::vector<double> randomExtents(size_t length, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<double> pairs;
  for (size_t sector = random() % 9; sector < length / 512;) {
    const size_t count = std::min<size_t>(1 + random() % (random() % 4 == 0 ? 900 : 20), length / 512 - sector);
    pairs.push_back(static_cast<double>(sector * 512));
    pairs.push_back(static_cast<double>(count * 512));
    sector += count + random() % 30;
  }
  return pairs;
}

TEST(readStreamDeliversEveryExtentInOrderWithItsDigest) {
  Rig rig{mixedDisk(9 * kGrid * 7 + 512)};
  for (uint32_t seed = 1; seed <= 6; seed++) {
    const std::vector<double> extents = randomExtents(rig.disk.size(), seed);
    const auto stream = rig.start(extents, seed % 2 == 0 ? std::optional<int>(1) : std::nullopt);
    std::vector<double> seen;
    for (std::vector<HeldSlot> slots = rig.next(*stream); !slots.empty(); slots = rig.next(*stream)) {
      for (const HeldSlot& slot : slots) {
        rig.checkSlot(*stream, slot);
        EXPECT_EQ(slot.frameBytes > 0, seed % 2 == 0);
        for (const Chunk& chunk : slot.chunks) {
          const auto offset = static_cast<double>(chunk.offset);
          const bool joins = !seen.empty() && seen[seen.size() - 2] + seen.back() == offset;
          // Extents that touch are still two; chunks of one extent join again.
          const bool starts = std::find(extents.begin(), extents.end(), offset) != extents.end();
          if (joins && !starts) {
            seen.back() += chunk.length;
          } else {
            seen.push_back(offset);
            seen.push_back(chunk.length);
          }
        }
        stream->release(slot.index);
      }
    }
    EXPECT(seen == extents);
  }
  while (rig.port.clients() > 0) std::this_thread::yield();
}

TEST(readStreamWithoutExtentsEndsAtOnce) {
  Rig rig{Bytes(kGrid)};
  const auto stream = rig.start({});
  EXPECT(rig.next(*stream).empty());
  EXPECT_EQ(rig.port.clients(), 0U);
}

TEST(readStreamStandsStillWhileItsSlotsAreHeld) {
  Rig rig{mixedDisk(400 * kGrid)};
  const auto stream = rig.start({0, static_cast<double>(rig.disk.size())});
  std::vector<HeldSlot> held;
  // Six slots at depth 4; the consumer keeps them all.
  while (held.size() < 6) {
    for (HeldSlot& slot : rig.next(*stream)) held.push_back(std::move(slot));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  std::vector<HeldSlot> more;
  EXPECT(stream->take(64, more) == ReadStream::State::kRunning);
  EXPECT(more.empty());
  EXPECT_EQ(rig.port.waiting(), 0U);
  EXPECT(rig.port.mostWaiting() <= 4);
  for (const HeldSlot& slot : held) {
    rig.checkSlot(*stream, slot);
    stream->release(slot.index);
  }
  size_t bytes = 6 * 4 * kGrid;
  for (std::vector<HeldSlot> slots = rig.next(*stream); !slots.empty(); slots = rig.next(*stream)) {
    for (const HeldSlot& slot : slots) {
      bytes += slot.dataBytes;
      stream->release(slot.index);
    }
  }
  EXPECT_EQ(bytes, rig.disk.size());
}

TEST(readStreamReportsTheDisksError) {
  Rig rig{mixedDisk(100 * kGrid)};
  rig.port.failAt(57 * kGrid + 100);
  const auto stream = rig.start({0, static_cast<double>(rig.disk.size())});
  const Error error = errorOf([&] {
    for (;;) {
      for (const HeldSlot& slot : rig.next(*stream)) stream->release(slot.index);
    }
  });
  EXPECT_EQ(error.name, "EIO");
  while (rig.port.clients() > 0) std::this_thread::yield();
}

TEST(readStreamEndsWithItsWorker) {
  Rig rig{mixedDisk(100 * kGrid)};
  rig.port.stall();
  const auto stream = rig.start({0, static_cast<double>(rig.disk.size())});
  rig.port.lose();
  EXPECT_EQ(errorOf([&] { rig.next(*stream); }).name, kWorkerGone);
  stream->abort();
}

TEST(readStreamThatIsAbortedWaitsForTheDiskBeforeItsMemoryIsReused) {
  Rig rig{mixedDisk(100 * kGrid)};
  rig.port.stall();
  const auto stream = rig.start({0, static_cast<double>(rig.disk.size())});
  while (rig.port.waiting() < 4) std::this_thread::yield();
  stream->abort();
  EXPECT_EQ(errorOf([&] { rig.next(*stream); }).name, kCancelled);
  EXPECT_EQ(rig.port.clients(), 1U);
  rig.port.resume();
  while (rig.port.clients() > 0) std::this_thread::yield();
  EXPECT_EQ(rig.port.mostWaiting(), 4U);
}

TEST(readStreamsMayBeDroppedAtAnyMoment) {
  Rig rig{mixedDisk(60 * kGrid)};
  for (int i = 0; i < 60; i++) {
    const auto stream = rig.start({0, static_cast<double>(rig.disk.size())}, i % 3 == 0 ? std::optional<int>(1) : std::nullopt);
    if (i % 2 == 0) rig.next(*stream, 2);
    stream->abort();
  }
  while (rig.port.clients() > 0) std::this_thread::yield();
}

TEST(readStreamRefusesExtentsThatMakeNoSense) {
  Rig rig{Bytes(8 * kGrid)};
  const std::vector<std::vector<double>> bad = {{0}, {0, 0}, {0, 100}, {512, 512, 0, 512}, {0, 1024, 512, 512},
                                                {-512, 512}, {0, 1e300}, {0.5, 512}, {0, std::numeric_limits<double>::quiet_NaN()}};
  for (const std::vector<double>& extents : bad) {
    EXPECT_EQ(nameOfError([&] { rig.start(extents); }), kBadRequest);
  }
  EXPECT_EQ(rig.port.clients(), 0U);
}

}  // namespace

}  // namespace coldframe::test
