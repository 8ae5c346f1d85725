#include "blake3_kernel.h"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl")

namespace coldframe::lanes {

namespace {
#include "blake3_lanes.h"
using Vector16 = uint32_t __attribute__((vector_size(64)));
}  // namespace

void hash16Avx512(const LaneInputs& in, uint8_t* out) { hashLanes<Vector16, 16>(in, out); }

}  // namespace coldframe::lanes

#pragma GCC pop_options
