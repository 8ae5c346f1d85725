#include "frame.h"

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "failures.h"
#include "zero.h"

namespace coldframe {

namespace {

constexpr size_t kBlockMax = 128 * 1024;
constexpr size_t kHeaderMax = 13;
constexpr size_t kChecksum = 4;
constexpr size_t kBlockHeader = 3;

enum BlockType : uint32_t { kRaw = 0, kRunLength = 1 };

uint8_t* putLittleEndian(uint8_t* out, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) *out++ = static_cast<uint8_t>(value >> (8 * i));
  return out;
}

/// Magic, descriptor (single segment, checksum), content size.
uint8_t* putHeader(uint8_t* out, uint64_t contentSize) {
  out = putLittleEndian(out, ZSTD_MAGICNUMBER, 4);
  const bool wide = contentSize > UINT32_MAX;
  out = putLittleEndian(out, (wide ? 0xC0U : 0x80U) | 0x20U | 0x04U, 1);
  return putLittleEndian(out, contentSize, wide ? 8 : 4);
}

size_t storeBlocks(const uint8_t* data, size_t length, BlockType type, uint8_t* out) {
  uint8_t* at = putHeader(out, length);
  size_t done = 0;
  do {
    const size_t take = std::min(kBlockMax, length - done);
    const uint32_t last = done + take == length ? 1 : 0;
    at = putLittleEndian(at, last | (static_cast<uint32_t>(type) << 1) | (take << 3), kBlockHeader);
    if (type == kRaw) {
      if (take > 0) std::memcpy(at, data + done, take);
      at += take;
    } else {
      *at++ = 0;
    }
    done += take;
  } while (done < length);
  at = putLittleEndian(at, XXH64(data, length, 0) & 0xFFFFFFFFU, kChecksum);
  return static_cast<size_t>(at - out);
}

Error zstdError(const char* function, size_t code) {
  return ownError("COLDFRAME_ZSTD", function, std::string("zstd failed: ") + ZSTD_getErrorName(code));
}

}  // namespace

size_t frameBound(size_t length) {
  const size_t stored = kHeaderMax + length + (length / kBlockMax + 1) * kBlockHeader + kChecksum;
  return std::max(stored, ZSTD_compressBound(length) + kChecksum);
}

void FrameEncoder::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }

FrameEncoder::FrameEncoder() : context_(ZSTD_createCCtx()), probe_(ZSTD_createCCtx()) {
  if (!context_ || !probe_) throw ownError("ENOMEM", "ZSTD_createCCtx", "No memory for a zstd context.");
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_contentSizeFlag, 1);
}

// Four samples at the fastest level cost a hundredth of compressing in vain.
bool FrameEncoder::looksIncompressible(const uint8_t* data, size_t length) {
  constexpr size_t kSample = 4096;
  constexpr size_t kSamples = 4;
  if (length < 8 * kSample) return false;
  uint8_t out[ZSTD_COMPRESSBOUND(kSample)];
  size_t compressed = 0;
  for (size_t i = 0; i < kSamples; i++) {
    const uint8_t* sample = data + (length - kSample) / (kSamples - 1) * i;
    const size_t result = ZSTD_compressCCtx(probe_.get(), out, sizeof(out), sample, kSample, -3);
    if (ZSTD_isError(result) != 0U) return false;
    compressed += result;
  }
  return compressed * 100 > kSample * kSamples * 97;
}

size_t FrameEncoder::encode(const uint8_t* data, size_t length, int level, uint8_t* out, size_t capacity) {
  if (capacity < frameBound(length)) throw ownError(kBadRequest, "encode", "The frame's buffer is too small.");
  if (isZero(data, length)) return storeBlocks(data, length, length == 0 ? kRaw : kRunLength, out);
  if (looksIncompressible(data, length)) return storeBlocks(data, length, kRaw, out);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level);
  const size_t result = ZSTD_compress2(context_.get(), out, capacity, data, length);
  if (ZSTD_isError(result) != 0U) throw zstdError("ZSTD_compress2", result);
  // Raw blocks decode at memory speed: worth more than a sliver of space.
  if (result * 100 > length * 97) return storeBlocks(data, length, kRaw, out);
  return result;
}

void FrameDecoder::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

FrameDecoder::FrameDecoder() : context_(ZSTD_createDCtx()) {
  if (!context_) throw ownError("ENOMEM", "ZSTD_createDCtx", "No memory for a zstd context.");
}

void FrameDecoder::decode(const uint8_t* frame, size_t frameLength, uint8_t* out, size_t length) {
  const auto damaged = [](const std::string& why) {
    return ownError(kDamagedFrame, "ZSTD_decompressDCtx", "The compressed frame is damaged: " + why + ".");
  };
  // More frames behind the first would be decoded too; the length must be the
  // frame's own.
  const size_t own = ZSTD_findFrameCompressedSize(frame, frameLength);
  if (ZSTD_isError(own) != 0U) throw damaged(ZSTD_getErrorName(own));
  if (own != frameLength) throw damaged("its length is not the one recorded");
  const size_t result = ZSTD_decompressDCtx(context_.get(), out, length, frame, frameLength);
  if (ZSTD_isError(result) != 0U) throw damaged(ZSTD_getErrorName(result));
  if (result != length) throw damaged("it holds less than was recorded");
}

}  // namespace coldframe
