#include "piece.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <tuple>
#include <utility>

#include "disk.h"
#include "failures.h"

namespace coldframe {

namespace {

auto sourceOf(const Piece& piece) {
  return std::tuple(piece.zeros(), piece.archive, piece.fileOffset);
}

auto chunkOf(const Piece& piece) { return std::pair(piece.chunkOffset, piece.diskOffset); }

bool consistent(const Piece& piece) {
  const auto inside = [](uint64_t offset, uint64_t length, uint64_t whole) { return offset + length <= whole; };
  const bool aligned = (piece.diskOffset | piece.pieceLength) % kSectorBytes == 0;
  return aligned && piece.pieceLength > 0 && inside(piece.pieceOffset, piece.pieceLength, piece.chunkLength) &&
         inside(piece.chunkOffset, piece.chunkLength, piece.decodedLength) &&
         (piece.isFrame() || piece.zeros() || piece.storedLength == piece.decodedLength);
}

std::vector<Piece> parse(std::span<const uint8_t> rows, size_t archives, size_t slotBytes) {
  if (rows.size() % sizeof(Piece) != 0) throw ownError(kBadRequest, "write", "Pieces come in rows of 80 bytes.");
  std::vector<Piece> pieces(rows.size() / sizeof(Piece));
  if (!pieces.empty()) std::memcpy(pieces.data(), rows.data(), rows.size());
  for (const Piece& piece : pieces) {
    const bool fits = piece.archive < archives && (piece.zeros() ? piece.pieceLength : piece.decodedLength) <= slotBytes;
    if (fits && consistent(piece)) continue;
    throw ownError(kBadRequest, "write",
                   "The piece for byte " + std::to_string(piece.diskOffset) +
                       " of the disk contradicts itself or is larger than a slot.");
  }
  return pieces;
}

/// Zeros are never shared: each stands for itself.
bool sameSource(const Piece& a, const Piece& b) {
  return !a.zeros() && sourceOf(a) == sourceOf(b) && a.storedLength == b.storedLength &&
         a.decodedLength == b.decodedLength && a.flags == b.flags;
}

}  // namespace

size_t SourceRun::slotBytes() const { return source().zeros() ? source().pieceLength : source().decodedLength; }

std::vector<SlotWork> planPieces(std::span<const uint8_t> rows, size_t archives, size_t slotBytes) {
  std::vector<Piece> pieces = parse(rows, archives, slotBytes);
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
    return std::pair(sourceOf(a), chunkOf(a)) < std::pair(sourceOf(b), chunkOf(b));
  });
  std::vector<SlotWork> work;
  size_t used = slotBytes;
  for (size_t i = 0; i < pieces.size();) {
    SourceRun run;
    do {
      run.pieces.push_back(pieces[i++]);
    } while (i < pieces.size() && sameSource(run.source(), pieces[i]));
    if (used + run.slotBytes() > slotBytes) {
      work.emplace_back();
      used = 0;
    }
    used += run.slotBytes();
    work.back().pieces += run.pieces.size();
    work.back().runs.push_back(std::move(run));
  }
  return work;
}

}  // namespace coldframe
