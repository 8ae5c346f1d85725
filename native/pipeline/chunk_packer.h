// Cuts extents into chunks by the fixed grid and packs chunks into slots.
#pragma once

#include <cstdint>
#include <vector>

#include "blake3.h"
#include "disk.h"

namespace coldframe {

/// Requests to the disk are never longer: one NFC buffer of VDDK.
inline constexpr uint64_t kRequestMax = 1024 * 1024;

struct Chunk {
  uint64_t offset = 0;
  uint32_t length = 0;
  bool allZero = false;
  Digest digest{};
};

struct SlotPlan {
  /// In disk order; their bytes lie back to back in the slot.
  std::vector<Chunk> chunks;
  /// Where those bytes come from, neighbours merged, none above kRequestMax.
  std::vector<Extent> reads;
  size_t bytes = 0;
};

class ChunkPacker {
 public:
  /// `pairs`: offset, length, ... in bytes, sorted, not overlapping, multiples of
  /// 512. `slotBytes` >= `chunkBytes`, both multiples of 4096. Throws Error.
  ChunkPacker(std::vector<double> pairs, uint64_t chunkBytes, uint64_t slotBytes);

  /// Fills `plan` (whose memory is reused) with the next slot; false at the end.
  bool next(SlotPlan& plan);

 private:
  uint64_t at(size_t index) const { return static_cast<uint64_t>(pairs_[index]); }

  std::vector<double> pairs_;
  const uint64_t chunkBytes_;
  const uint64_t slotBytes_;
  /// The extent that is being cut, and how much of it is done.
  size_t index_ = 0;
  uint64_t done_ = 0;
};

}  // namespace coldframe
