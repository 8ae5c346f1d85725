// The write stream: pieces of archives to a disk in memory, or only verified.
#include "../pipeline/write_stream.h"

#include <fcntl.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "../core/failures.h"
#include "../core/file_descriptor.h"
#include "../pipeline/frame.h"
#include "harness.h"
#include "lab_world.h"
#include "memory_port.h"

namespace coldframe::test {

namespace {

constexpr size_t kChunk = 32 * 1024;
constexpr size_t kChunksOfRun = 3;

/// An archive of runs of three chunks, every other one as a zstd frame.
struct Archive {
  explicit Archive(size_t runs) : bytes(randomBytes(runs * kChunksOfRun * kChunk, 77)) {
    for (size_t i = 0; i < bytes.size() / kChunk; i += 4) std::fill_n(bytes.begin() + static_cast<long>(i * kChunk), kChunk, 0);
    FrameEncoder encoder;
    Bytes file(1000);
    constexpr size_t kRun = kChunksOfRun * kChunk;
    for (size_t run = 0; run < runs; run++) {
      const uint8_t* data = bytes.data() + run * kRun;
      Piece piece{};
      piece.fileOffset = file.size();
      piece.decodedLength = kRun;
      piece.storedLength = kRun;
      if (run % 2 == 0) {
        Bytes frame(frameBound(kRun));
        frame.resize(encoder.encode(data, kRun, 1, frame.data(), frame.size()));
        piece.storedLength = static_cast<uint32_t>(frame.size());
        piece.flags = Piece::kFrame;
        file.insert(file.end(), frame.begin(), frame.end());
      } else {
        file.insert(file.end(), data, data + kRun);
      }
      for (size_t chunk = 0; chunk < kChunksOfRun; chunk++) {
        piece.chunkOffset = static_cast<uint32_t>(chunk * kChunk);
        piece.chunkLength = kChunk;
        piece.pieceLength = kChunk;
        piece.diskOffset = (run * kChunksOfRun + chunk) * kChunk;
        piece.digest = blake3(data + chunk * kChunk, kChunk);
        pieces.push_back(piece);
      }
    }
    writeFile(dir / "archive", file);
    fd = FileDescriptor(::open((dir / "archive").c_str(), O_RDONLY | O_CLOEXEC));
  }

  void damage(uint64_t offset) {
    Bytes file = readFile(dir / "archive");
    file[offset] ^= 1;
    writeFile(dir / "archive", file);
    fd = FileDescriptor(::open((dir / "archive").c_str(), O_RDONLY | O_CLOEXEC));
  }

  TempDir dir;
  Bytes bytes;
  std::vector<Piece> pieces;
  FileDescriptor fd;
};

std::span<const uint8_t> rowsOf(const std::vector<Piece>& pieces) {
  return {reinterpret_cast<const uint8_t*>(pieces.data()), pieces.size() * sizeof(Piece)};
}

struct Rig {
  // The bell outlives the threads that ring it.
  Bell bell;
  ComputePool pool{3};

  std::shared_ptr<WriteStream> start(DataPort* port, const Archive& archive, bool collect = false) {
    WriteOptions options;
    options.archives = {archive.fd.get()};
    options.slotBytes = 128 * 1024;
    options.depth = 4;
    options.collectDamage = collect;
    return WriteStream::start(port, pool, std::move(options), [this] { bell.ring(); });
  }

  /// Waits for the end; throws the stream's failure.
  WriteTotals finish(WriteStream& stream) {
    bell.waitUntil([&] { return stream.failure() || (stream.pending() == 0 && stream.idle()); });
    if (const std::optional<Damage> failure = stream.failure()) throw Error(failure->error);
    stream.finish();
    return stream.totals();
  }
};

TEST(writeStreamPutsEveryPieceInItsPlace) {
  Archive archive(40);
  // Split at random sectors and shuffled: decoded once, written in any order.
  std::mt19937 random(4);
  std::vector<Piece> pieces;
  for (const Piece& whole : archive.pieces) {
    const uint32_t cut = static_cast<uint32_t>(random() % (kChunk / 512)) * 512;
    for (const auto& [from, to] : {std::pair<uint32_t, uint32_t>{0, cut}, {cut, kChunk}}) {
      if (from == to) continue;
      Piece piece = whole;
      piece.pieceOffset = from;
      piece.pieceLength = to - from;
      piece.diskOffset += from;
      pieces.push_back(piece);
    }
  }
  std::shuffle(pieces.begin(), pieces.end(), random);
  MemoryPort port(Bytes(archive.bytes.size()));
  Rig rig;
  const auto stream = rig.start(&port, archive);
  for (size_t at = 0; at < pieces.size(); at += 50) {
    stream->push(rowsOf({pieces.begin() + static_cast<long>(at), pieces.begin() + static_cast<long>(std::min(at + 50, pieces.size()))}));
  }
  const WriteTotals totals = rig.finish(*stream);
  EXPECT(port.disk() == archive.bytes);
  EXPECT_EQ(totals.writtenBytes, archive.bytes.size());
  EXPECT_EQ(totals.zeroBytes, 0U);
  EXPECT_EQ(totals.damagedPieces, 0U);
  EXPECT_EQ(port.clients(), 0U);
}

TEST(writeStreamSkipsZerosOnlyWhereTheTargetIsZero) {
  Archive archive(8);
  for (const bool skip : {true, false}) {
    std::vector<Piece> pieces = archive.pieces;
    size_t zeros = 0;
    for (size_t i = 0; i < pieces.size(); i++) {
      if (skip) pieces[i].flags |= Piece::kSkipZero;
      if (i % 4 != 0) continue;
      zeros += kChunk;
      // As the chunk table says: the archive is not read.
      pieces[i].flags |= Piece::kZeros;
      pieces[i].fileOffset = 1U << 30;
    }
    MemoryPort port(Bytes(archive.bytes.size(), skip ? 0 : 0xEE));
    Rig rig;
    const auto stream = rig.start(&port, archive);
    stream->push(rowsOf(pieces));
    const WriteTotals totals = rig.finish(*stream);
    EXPECT(port.disk() == archive.bytes);
    EXPECT_EQ(totals.zeroBytes, skip ? zeros : 0U);
    EXPECT_EQ(totals.writtenBytes + totals.zeroBytes, archive.bytes.size());
  }
}

TEST(writeStreamStopsAtTheFirstDamage) {
  for (const size_t victim : {size_t{4}, size_t{9}}) {
    Archive archive(8);
    archive.damage(archive.pieces[victim].fileOffset + archive.pieces[victim].storedLength / 2);
    MemoryPort port(Bytes(archive.bytes.size()));
    Rig rig;
    const auto stream = rig.start(&port, archive);
    stream->push(rowsOf(archive.pieces));
    const std::string name = errorOf([&] { rig.finish(*stream); }).name;
    EXPECT(name == kDigestMismatch || name == kDamagedFrame);
    EXPECT_EQ(stream->failure()->archive, 0U);
    EXPECT_EQ(stream->failure()->fileOffset, archive.pieces[victim].fileOffset);
    while (port.clients() > 0) std::this_thread::yield();
  }
}

TEST(verifyListsAllDamageAndNothingElse) {
  Archive archive(12);
  // Run 3 is plain: one chunk is hurt. Run 4 is a frame: all its chunks are.
  archive.damage(archive.pieces[9].fileOffset + kChunk + 5);
  archive.damage(archive.pieces[12].fileOffset + archive.pieces[12].storedLength - 1);
  Rig rig;
  const auto stream = rig.start(nullptr, archive, true);
  stream->push(rowsOf(archive.pieces));
  const WriteTotals totals = rig.finish(*stream);
  EXPECT_EQ(totals.damagedPieces, 1 + kChunksOfRun);
  std::vector<uint64_t> offsets;
  for (const Damage& damage : totals.damage) offsets.push_back(damage.diskOffset / kChunk);
  std::sort(offsets.begin(), offsets.end());
  EXPECT((offsets == std::vector<uint64_t>{10, 12, 13, 14}));
  EXPECT_EQ(totals.checkedBytes, archive.bytes.size() - 4 * kChunk);
  EXPECT_EQ(totals.writtenBytes, 0U);
}

TEST(verifySeesATruncatedArchiveAndAFalseZero) {
  Archive archive(2);
  EXPECT_EQ(::truncate((archive.dir / "archive").c_str(), static_cast<long>(archive.pieces[3].fileOffset + 10)), 0);
  std::vector<Piece> pieces = archive.pieces;
  pieces[1].flags |= Piece::kZeros;
  Rig rig;
  const auto stream = rig.start(nullptr, archive, true);
  stream->push(rowsOf(pieces));
  const WriteTotals totals = rig.finish(*stream);
  EXPECT_EQ(totals.damagedPieces, 4U);
  const auto count = [&](const char* name) {
    return std::count_if(totals.damage.begin(), totals.damage.end(),
                         [&](const Damage& damage) { return damage.error.name == name; });
  };
  EXPECT_EQ(count(kShortArchive), 3);
  EXPECT_EQ(count(kDigestMismatch), 1);
}

TEST(writeStreamReportsTheDisksErrorAndTheWorkersEnd) {
  Archive archive(8);
  {
    MemoryPort port(Bytes(archive.bytes.size()));
    port.failAt(10 * kChunk);
    Rig rig;
    const auto stream = rig.start(&port, archive);
    stream->push(rowsOf(archive.pieces));
    EXPECT_EQ(errorOf([&] { rig.finish(*stream); }).name, "EIO");
    EXPECT_EQ(stream->failure()->archive, Damage::kNoArchive);
  }
  MemoryPort port(Bytes(archive.bytes.size()));
  port.stall();
  Rig rig;
  const auto stream = rig.start(&port, archive);
  stream->push(rowsOf(archive.pieces));
  port.lose();
  EXPECT_EQ(errorOf([&] { rig.finish(*stream); }).name, kWorkerGone);
  stream->abort();
  rig.bell.waitUntil([&] { return stream->idle(); });
}

TEST(piecesThatContradictThemselvesAreRefused) {
  const Archive archive(1);
  const auto refused = [&](const std::function<void(Piece&)>& change) {
    std::vector<Piece> pieces = archive.pieces;
    change(pieces[1]);
    return nameOfError([&] { planPieces(rowsOf(pieces), 1, 128 * 1024); }) == kBadRequest;
  };
  EXPECT(!refused([](Piece&) {}));
  EXPECT(refused([](Piece& piece) { piece.archive = 1; }));
  EXPECT(refused([](Piece& piece) { piece.decodedLength = 1 << 20; }));
  EXPECT(refused([](Piece& piece) { piece.chunkOffset = 3 * kChunk; }));
  EXPECT(refused([](Piece& piece) { piece.pieceOffset = 512; }));
  EXPECT(refused([](Piece& piece) { piece.pieceLength = 0; }));
  EXPECT(refused([](Piece& piece) { piece.diskOffset = 1; }));
  EXPECT(refused([](Piece& piece) { piece.flags = 0; }));
  EXPECT_EQ(nameOfError([&] { planPieces(rowsOf(archive.pieces).first(79), 1, 128 * 1024); }), kBadRequest);
}

}  // namespace

}  // namespace coldframe::test
