// zstd frames (RFC 8878) with content size and checksum, one per slot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace coldframe {

/// Room that any frame of `length` bytes fits into.
size_t frameBound(size_t length);

/// One per thread: contexts are reused.
class FrameEncoder {
 public:
  FrameEncoder();

  /// Writes one frame and returns its length; `capacity` is at least
  /// frameBound(length). Data that do not shrink by 3 % are stored in raw
  /// blocks, zeros in run-length blocks. Throws Error.
  size_t encode(const uint8_t* data, size_t length, int level, uint8_t* out, size_t capacity);

 private:
  bool looksIncompressible(const uint8_t* data, size_t length);

  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
  std::unique_ptr<ZSTD_CCtx_s, Free> probe_;
};

class FrameDecoder {
 public:
  FrameDecoder();

  /// Decodes one frame that holds exactly `length` bytes, checksum included.
  /// Throws Error(kDamagedFrame).
  void decode(const uint8_t* frame, size_t frameLength, uint8_t* out, size_t length);

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
};

inline constexpr const char* kDamagedFrame = "COLDFRAME_DAMAGED_FRAME";

}  // namespace coldframe
