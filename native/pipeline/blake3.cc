#include "blake3.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "blake3_kernel.h"

namespace coldframe {

namespace lanes {

namespace {

#include "blake3_lanes.h"

constexpr size_t kChunk = 1024;
constexpr size_t kBlock = 64;
constexpr size_t kValue = 32;

Kernel bestKernel() {
  if (supported(Kernel::kAvx512)) return Kernel::kAvx512;
  return supported(Kernel::kAvx2) ? Kernel::kAvx2 : Kernel::kSse2;
}

std::atomic<Kernel> chosen{bestKernel()};

struct Step {
  size_t lanes;
  LaneHash* hash;
};

/// Hashes `count` inputs, most lanes first.
void hashMany(LaneInputs in, size_t count, uint8_t* out) {
  const Kernel best = chosen.load(std::memory_order_relaxed);
  const Step steps[] = {{16, best >= Kernel::kAvx512 ? hash16Avx512 : nullptr},
                        {8, best >= Kernel::kAvx2 ? hash8Avx2 : nullptr},
                        {4, hash4Sse2}};
  const auto advance = [&](size_t lanes) {
    in.bytes += lanes * in.stride;
    if (in.counting) in.counter += lanes;
    out += lanes * kValue;
    count -= lanes;
  };
  for (const Step& step : steps) {
    while (step.hash != nullptr && count >= step.lanes) {
      step.hash(in, out);
      advance(step.lanes);
    }
  }
  while (count > 0) {
    uint32_t cv[8];
    std::copy(std::begin(kInitial), std::end(kInitial), cv);
    for (size_t block = 0; block < in.blocks; block++) {
      uint32_t m[16];
      std::memcpy(m, in.bytes + block * kBlock, kBlock);
      uint32_t flags = in.flags;
      if (block == 0) flags |= in.flagsFirst;
      if (block + 1 == in.blocks) flags |= in.flagsLast;
      compressLanes<uint32_t>(cv, m, static_cast<uint32_t>(in.counter), static_cast<uint32_t>(in.counter >> 32),
                              kBlock, flags);
    }
    std::memcpy(out, cv, kValue);
    advance(1);
  }
}

/// A chunk of any length up to 1024; `extraFlags` is kRoot for a lone one.
void hashChunk(const uint8_t* data, size_t length, uint64_t counter, uint32_t extraFlags, uint8_t* out) {
  uint32_t cv[8];
  std::copy(std::begin(kInitial), std::end(kInitial), cv);
  size_t done = 0;
  do {
    const size_t take = std::min(kBlock, length - done);
    uint32_t m[16] = {};
    if (take > 0) std::memcpy(m, data + done, take);
    uint32_t flags = done == 0 ? kChunkStart : 0;
    done += take;
    if (done == length) flags |= kChunkEnd | extraFlags;
    compressLanes<uint32_t>(cv, m, static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32),
                            static_cast<uint32_t>(take), flags);
  } while (done < length);
  std::memcpy(out, cv, kValue);
}

void hashParents(const uint8_t* children, size_t count, uint32_t extraFlags, uint8_t* out) {
  hashMany({children, kBlock, 1, 0, false, kParent | extraFlags, 0, 0}, count, out);
}

/// Pairs values level by level until one is left; the odd one moves up as it
/// is, which builds the same left-heavy tree as the paper's recursion.
void reduce(uint8_t* values, size_t count, bool root) {
  while (count > 1) {
    const size_t pairs = count / 2;
    const bool last = count == 2;
    // In place is safe: a kernel reads its inputs before it writes, and outputs
    // lie before the inputs that follow.
    hashParents(values, pairs, last && root ? kRoot : 0, values);
    if (count % 2 == 1) std::memmove(values + pairs * kValue, values + (count - 1) * kValue, kValue);
    count = pairs + count % 2;
  }
}

/// The chaining value of `length` bytes that begin at chunk `counter`.
void hashTree(const uint8_t* data, size_t length, uint64_t counter, bool root, std::vector<uint8_t>& scratch) {
  const size_t whole = length / kChunk;
  const size_t rest = length % kChunk;
  const size_t chunks = std::max<size_t>(1, whole + (rest > 0 ? 1 : 0));
  if (scratch.size() < chunks * kValue) scratch.resize(chunks * kValue);
  if (chunks == 1) {
    hashChunk(data, length, counter, root ? kRoot : 0, scratch.data());
    return;
  }
  hashMany({data, kChunk, kChunk / kBlock, counter, true, 0, kChunkStart, kChunkEnd}, whole, scratch.data());
  if (rest > 0) hashChunk(data + whole * kChunk, rest, counter + whole, 0, scratch.data() + whole * kValue);
  reduce(scratch.data(), chunks, root);
}

}  // namespace

bool supported(Kernel kernel) {
  __builtin_cpu_init();
  switch (kernel) {
    case Kernel::kSse2: return true;
    case Kernel::kAvx2: return __builtin_cpu_supports("avx2") != 0;
    case Kernel::kAvx512:
      return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0;
  }
  return false;
}

Kernel kernel() { return chosen.load(std::memory_order_relaxed); }

void setKernel(Kernel kernel) { chosen.store(kernel, std::memory_order_relaxed); }

const char* name(Kernel kernel) {
  switch (kernel) {
    case Kernel::kSse2: return "sse2";
    case Kernel::kAvx2: return "avx2";
    case Kernel::kAvx512: return "avx512";
  }
  return "unknown";
}

}  // namespace lanes

namespace {

// A power of two of chunks: a finished one is a whole subtree.
constexpr size_t kSubtree = 128 * lanes::kChunk;

Digest firstValue(const std::vector<uint8_t>& scratch) {
  Digest digest;
  std::memcpy(digest.data(), scratch.data(), digest.size());
  return digest;
}

Digest parent(const Digest& left, const Digest& right, bool root) {
  uint8_t pair[64];
  std::memcpy(pair, left.data(), 32);
  std::memcpy(pair + 32, right.data(), 32);
  Digest digest;
  lanes::hashParents(pair, 1, root ? lanes::kRoot : 0, digest.data());
  return digest;
}

}  // namespace

Digest blake3(const uint8_t* data, size_t length, std::vector<uint8_t>& scratch) {
  lanes::hashTree(data, length, 0, true, scratch);
  return firstValue(scratch);
}

Digest blake3(const uint8_t* data, size_t length) {
  std::vector<uint8_t> scratch;
  return blake3(data, length, scratch);
}

Blake3::Blake3() { buffer_.reserve(kSubtree); }

// The last subtree stays in the buffer until more follows: only then is it sure
// not to be the root.
void Blake3::update(const uint8_t* data, size_t length) {
  while (length > 0) {
    if (buffer_.size() == kSubtree) {
      addSubtree(buffer_.data());
      buffer_.clear();
    }
    if (buffer_.empty() && length > kSubtree) {
      addSubtree(data);
      data += kSubtree;
      length -= kSubtree;
      continue;
    }
    const size_t take = std::min(length, kSubtree - buffer_.size());
    buffer_.insert(buffer_.end(), data, data + take);
    data += take;
    length -= take;
  }
}

void Blake3::addSubtree(const uint8_t* data) {
  lanes::hashTree(data, kSubtree, subtrees_ * (kSubtree / lanes::kChunk), false, scratch_);
  Value value = firstValue(scratch_);
  subtrees_++;
  // As many merges as the count has trailing zero bits: equal subtrees pair up.
  for (uint64_t count = subtrees_; count % 2 == 0; count /= 2) {
    value = parent(stack_.back(), value, false);
    stack_.pop_back();
  }
  stack_.push_back(value);
}

Digest Blake3::digest() const {
  const uint64_t counter = subtrees_ * (kSubtree / lanes::kChunk);
  lanes::hashTree(buffer_.data(), buffer_.size(), counter, stack_.empty(), scratch_);
  Digest value = firstValue(scratch_);
  for (size_t i = stack_.size(); i-- > 0;) value = parent(stack_[i], value, i == 0);
  return value;
}

}  // namespace coldframe
