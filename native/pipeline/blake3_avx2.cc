#include "blake3_kernel.h"

#pragma GCC push_options
#pragma GCC target("avx2")
// The registers just suffice, and -O2 spills half as much again.
#pragma GCC optimize("O3")

namespace coldframe::lanes {

namespace {
#include "blake3_lanes.h"
using Vector8 = uint32_t __attribute__((vector_size(32)));
}  // namespace

void hash8Avx2(const LaneInputs& in, uint8_t* out) { hashLanes<Vector8, 8>(in, out); }

}  // namespace coldframe::lanes

#pragma GCC pop_options
