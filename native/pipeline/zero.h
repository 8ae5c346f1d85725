// Zero bytes: the test for them and the digests of nothing but them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "blake3.h"

namespace coldframe {

/// True for length 0.
bool isZero(const uint8_t* data, size_t length);

/// Digests of all-zero chunks. One per thread; nearly all chunks have one length.
class ZeroDigests {
 public:
  const Digest& of(size_t length);

 private:
  std::map<size_t, Digest> known_;
};

}  // namespace coldframe
