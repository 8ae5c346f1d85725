// Digests and frames for JavaScript: short, synchronous calls.
#pragma once

#include <napi.h>

namespace coldframe {

void exportCodec(Napi::Env env, Napi::Object exports);

}  // namespace coldframe
