#include "zero.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace coldframe {

// The first 16 bytes are zero, and each byte equals the one 16 before it.
bool isZero(const uint8_t* data, size_t length) {
  constexpr size_t kLead = 16;
  const size_t lead = std::min(kLead, length);
  for (size_t i = 0; i < lead; i++) {
    if (data[i] != 0) return false;
  }
  return length <= kLead || std::memcmp(data, data + kLead, length - kLead) == 0;
}

const Digest& ZeroDigests::of(size_t length) {
  const auto found = known_.find(length);
  if (found != known_.end()) return found->second;
  // Odd lengths come only from ragged extents; remembering all would let a
  // hostile map fill the memory.
  if (known_.size() >= 256) known_.clear();
  const std::vector<uint8_t> zeros(length);
  return known_.emplace(length, blake3(zeros.data(), length)).first->second;
}

}  // namespace coldframe
