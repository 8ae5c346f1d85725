// From a VixError to an Error that a person and the engine can use.
#pragma once

#include <cstdint>
#include <string>

#include "error.h"

namespace coldframe {

struct VixErrorEntry {
  uint32_t code;
  const char* name;
  Retry retry;
  const char* text;
};

/// The entry for the low 16 bits of `raw`, or null for a code we don't know.
const VixErrorEntry* findVixError(uint64_t raw);

/// An Error from our table alone: no call into the library, so it is allowed
/// inside a completion. Unknown codes are not retried within an attempt.
Error vixError(uint64_t raw, const std::string& function);

}  // namespace coldframe
