// What both backends demand of a request before they accept it.
#pragma once

#include "disk.h"
#include "failures.h"

namespace coldframe {

struct RequestFault {
  const char* name;
  const char* text;
};

/// The first rule that the request breaks, or null. Written so that no sum can
/// wrap round.
inline const RequestFault* findRequestFault(const IoRequest& request, uint64_t capacityBytes) {
  static constexpr RequestFault kEmpty{kBadRequest, "A request needs a buffer, a length and a completion."};
  static constexpr RequestFault kUnaligned{kBadRequest,
                                           "Offset and length must be multiples of 512 bytes."};
  static constexpr RequestFault kBeyond{kOutOfRange, "The request lies beyond the end of the disk."};
  if (request.buffer == nullptr || request.done == nullptr || request.length == 0) return &kEmpty;
  if (request.offset % kSectorBytes != 0 || request.length % kSectorBytes != 0) return &kUnaligned;
  if (request.offset > capacityBytes || request.length > capacityBytes - request.offset) return &kBeyond;
  return nullptr;
}

}  // namespace coldframe
