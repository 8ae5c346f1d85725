// One row of a write stream: which bytes of which archive go where on the disk.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "blake3.h"

namespace coldframe {

/// As src/transport/native/piece-batch.ts writes it, little-endian.
struct Piece {
  /// Of the stored bytes, in the archive file.
  uint64_t fileOffset;
  uint32_t storedLength;
  /// Of the decoded frame; of plain bytes, their length.
  uint32_t decodedLength;
  /// The chunk inside the decoded bytes.
  uint32_t chunkOffset;
  uint32_t chunkLength;
  /// The piece inside the chunk.
  uint32_t pieceOffset;
  uint32_t pieceLength;
  uint64_t diskOffset;
  uint32_t archive;
  uint32_t flags;
  /// Of the whole chunk.
  Digest digest;

  static constexpr uint32_t kFrame = 1;
  /// The whole chunk is zero: the archive need not be read.
  static constexpr uint32_t kZeros = 2;
  /// The target reads as zero: zeros need not be written.
  static constexpr uint32_t kSkipZero = 4;

  bool isFrame() const { return (flags & kFrame) != 0; }
  bool zeros() const { return (flags & kZeros) != 0; }
  bool skipZero() const { return (flags & kSkipZero) != 0; }
};
static_assert(sizeof(Piece) == 80);

/// Pieces that share one stored run of bytes: it is read and decoded once.
struct SourceRun {
  /// Ordered by chunk; those of one chunk are digested once.
  std::vector<Piece> pieces;
  const Piece& source() const { return pieces.front(); }
  /// What the run takes in a slot.
  size_t slotBytes() const;
};

/// As many runs as fit one slot.
struct SlotWork {
  std::vector<SourceRun> runs;
  size_t pieces = 0;
};

/// Checks the rows, brings those of one source together and packs them. Throws
/// Error(kBadRequest) at the first row that contradicts itself.
std::vector<SlotWork> planPieces(std::span<const uint8_t> rows, size_t archives, size_t slotBytes);

}  // namespace coldframe
