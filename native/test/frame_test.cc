// Frames decode with stock libzstd, damaged ones are refused.
#include "../pipeline/frame.h"

#include <zstd.h>

#include <algorithm>
#include <string>

#include "../pipeline/zero.h"
#include "harness.h"
#include "lab_world.h"

namespace coldframe::test {

namespace {

Bytes encode(const Bytes& data, int level) {
  FrameEncoder encoder;
  Bytes frame(frameBound(data.size()));
  frame.resize(encoder.encode(data.data(), data.size(), level, frame.data(), frame.size()));
  return frame;
}

Bytes text(size_t length) {
  Bytes bytes(length);
  for (size_t i = 0; i < length; i++) bytes[i] = static_cast<uint8_t>("the quick brown fox "[(i * i / 7) % 20]);
  return bytes;
}

std::string decodeError(const Bytes& frame, size_t length) {
  FrameDecoder decoder;
  Bytes out(length + 1);
  return nameOfError([&] { decoder.decode(frame.data(), frame.size(), out.data(), length); });
}

TEST(framesDecodeWithStockZstdAndCarryTheirSize) {
  for (const size_t length : {size_t{0}, size_t{1}, size_t{512}, size_t{131071}, size_t{131072}, size_t{131073},
                              size_t{1048576}, size_t{4194304 + 512}}) {
    for (const Bytes& data : {Bytes(length), randomBytes(length, 11), text(length)}) {
      for (const int level : {1, 3, -3}) {
        const Bytes frame = encode(data, level);
        EXPECT_EQ(ZSTD_getFrameContentSize(frame.data(), frame.size()), length);
        EXPECT_EQ(ZSTD_findFrameCompressedSize(frame.data(), frame.size()), frame.size());
        Bytes out(length + 1);
        EXPECT_EQ(ZSTD_decompress(out.data(), length, frame.data(), frame.size()), length);
        out.resize(length);
        EXPECT(out == data);
      }
    }
  }
}

TEST(framesOfNoiseAreStoredAndFramesOfZerosAreTiny) {
  const Bytes noise = randomBytes(1048576, 2);
  EXPECT(encode(noise, 1).size() <= noise.size() + 64);
  EXPECT(encode(Bytes(1048576), 1).size() < 64);
  EXPECT(encode(text(1048576), 1).size() < 1048576 / 2);
}

TEST(framesThatWereChangedAreRefused) {
  for (const Bytes& data : {randomBytes(70000, 9), text(70000), Bytes(70000)}) {
    const Bytes good = encode(data, 1);
    EXPECT_EQ(decodeError(good, data.size()), "");
    EXPECT_EQ(decodeError(good, data.size() - 1), kDamagedFrame);
    EXPECT_EQ(decodeError(good, data.size() + 1), kDamagedFrame);
    size_t flips = 0;
    size_t refused = 0;
    for (size_t at = 0; at < good.size(); at += std::max<size_t>(1, good.size() / 61)) {
      Bytes bad = good;
      bad[at] ^= 0x10;
      // A few bits mean nothing, to any decoder; no flip may change the data.
      FrameDecoder decoder;
      Bytes out(data.size());
      const std::string name =
          nameOfError([&] { decoder.decode(bad.data(), bad.size(), out.data(), out.size()); });
      EXPECT(name == kDamagedFrame || (name.empty() && out == data));
      refused += name.empty() ? 0 : 1;
      flips++;
    }
    EXPECT(refused * 10 > flips * 8);
    Bytes cut = good;
    cut.pop_back();
    EXPECT_EQ(decodeError(cut, data.size()), kDamagedFrame);
    Bytes longer = good;
    longer.insert(longer.end(), good.begin(), good.end());
    EXPECT_EQ(decodeError(longer, data.size()), kDamagedFrame);
  }
}

TEST(zeroTestFindsASingleBitAnywhere) {
  EXPECT(isZero(nullptr, 0));
  Bytes bytes(300);
  for (size_t length = 0; length <= bytes.size(); length++) EXPECT(isZero(bytes.data(), length));
  for (size_t at = 0; at < bytes.size(); at++) {
    bytes[at] = 1;
    EXPECT(!isZero(bytes.data(), bytes.size()));
    EXPECT(isZero(bytes.data(), at));
    bytes[at] = 0;
  }
  ZeroDigests digests;
  for (const size_t length : {size_t{512}, size_t{65536}, size_t{512}}) {
    const Bytes zeros(length);
    EXPECT(digests.of(length) == blake3(zeros.data(), length));
  }
}

}  // namespace

}  // namespace coldframe::test
