// Four lanes: what every x86-64 has.
#include "blake3_kernel.h"

namespace coldframe::lanes {

namespace {
#include "blake3_lanes.h"
using Vector4 = uint32_t __attribute__((vector_size(16)));
}  // namespace

void hash4Sse2(const LaneInputs& in, uint8_t* out) { hashLanes<Vector4, 4>(in, out); }

}  // namespace coldframe::lanes
