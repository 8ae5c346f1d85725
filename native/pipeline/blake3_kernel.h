// What the instruction-set files of BLAKE3 share. Internal to blake3*.cc.
#pragma once

#include <cstddef>
#include <cstdint>

namespace coldframe::lanes {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

inline constexpr uint32_t kInitial[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                         0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

inline constexpr uint32_t kChunkStart = 1;
inline constexpr uint32_t kChunkEnd = 2;
inline constexpr uint32_t kParent = 4;
inline constexpr uint32_t kRoot = 8;

/// As many inputs as the kernel has lanes, all of the same whole number of blocks.
struct LaneInputs {
  const uint8_t* bytes;
  size_t stride;
  size_t blocks;
  uint64_t counter;
  /// Lane i's counter is `counter` + i.
  bool counting;
  uint32_t flags;
  uint32_t flagsFirst;
  uint32_t flagsLast;
};

using LaneHash = void(const LaneInputs& in, uint8_t* out);

LaneHash hash4Sse2;
LaneHash hash8Avx2;
LaneHash hash16Avx512;

}  // namespace coldframe::lanes
