#include "blake3_kernel.h"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl")
// The registers just suffice, and -O2 spills half as much again.
#pragma GCC optimize("O3")

namespace coldframe::lanes {

namespace {
#include "blake3_lanes.h"
using Vector16 = uint32_t __attribute__((vector_size(64)));
}  // namespace

void hash16Avx512(const LaneInputs& in, uint8_t* out) { hashLanes<Vector16, 16>(in, out); }

}  // namespace coldframe::lanes

#pragma GCC pop_options
