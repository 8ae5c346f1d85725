#include "chunk_packer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "failures.h"
#include "ring.h"

namespace coldframe {

namespace {

constexpr double kExact = 9007199254740992.0;  // 2^53

Error bad(const std::string& text) { return ownError(kBadRequest, "read", text); }

void checkExtents(const std::vector<double>& pairs) {
  if (pairs.size() % 2 != 0) throw bad("Extents are pairs of offset and length.");
  double end = 0;
  for (size_t i = 0; i < pairs.size(); i += 2) {
    const double offset = pairs[i];
    const double length = pairs[i + 1];
    // Written so that NaN fails too.
    const bool sane = offset >= end && length > 0 && offset + length <= kExact;
    if (!sane || std::fmod(offset, kSectorBytes) != 0 || std::fmod(length, kSectorBytes) != 0) {
      throw bad("Extent " + std::to_string(i / 2) + " is empty, out of order, or not whole sectors.");
    }
    end = offset + length;
  }
}

void addRead(std::vector<Extent>& reads, uint64_t offset, uint64_t length) {
  if (!reads.empty()) {
    Extent& last = reads.back();
    if (last.offset + last.length == offset && last.length < kRequestMax) {
      const uint64_t joined = std::min(length, kRequestMax - last.length);
      last.length += joined;
      offset += joined;
      length -= joined;
    }
  }
  while (length > 0) {
    const uint64_t take = std::min(length, kRequestMax);
    reads.push_back({offset, take});
    offset += take;
    length -= take;
  }
}

}  // namespace

ChunkPacker::ChunkPacker(std::vector<double> pairs, uint64_t chunkBytes, uint64_t slotBytes)
    : pairs_(std::move(pairs)), chunkBytes_(chunkBytes), slotBytes_(slotBytes) {
  if (chunkBytes == 0 || chunkBytes % kPage != 0 || slotBytes % kPage != 0 || slotBytes < chunkBytes) {
    throw bad("Chunk and slot must be multiples of 4096 bytes, and a slot must hold a chunk.");
  }
  if (slotBytes > uint64_t{1} << 30) throw bad("A slot can have at most 1 GiB.");
  checkExtents(pairs_);
}

bool ChunkPacker::next(SlotPlan& plan) {
  plan.chunks.clear();
  plan.reads.clear();
  plan.bytes = 0;
  while (index_ < pairs_.size()) {
    const uint64_t offset = at(index_) + done_;
    const uint64_t end = at(index_) + at(index_ + 1);
    const uint64_t cellEnd = (offset / chunkBytes_ + 1) * chunkBytes_;
    const uint64_t length = std::min(cellEnd, end) - offset;
    if (plan.bytes + length > slotBytes_) break;
    plan.chunks.push_back({offset, static_cast<uint32_t>(length), false, {}});
    addRead(plan.reads, offset, length);
    plan.bytes += length;
    done_ += length;
    if (offset + length == end) {
      index_ += 2;
      done_ = 0;
    }
  }
  return !plan.chunks.empty();
}

}  // namespace coldframe
