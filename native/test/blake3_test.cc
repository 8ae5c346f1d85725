// BLAKE3 against the official test vectors' input pattern, kernels against each other.
#include "../pipeline/blake3.h"

#include <algorithm>
#include <string>

#include "harness.h"
#include "lab_world.h"

namespace coldframe::test {

namespace {

std::string hex(const Digest& digest) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

/// The pattern of the official vectors: byte i is i modulo 251.
Bytes pattern(size_t length) {
  Bytes bytes(length);
  for (size_t i = 0; i < length; i++) bytes[i] = static_cast<uint8_t>(i % 251);
  return bytes;
}

constexpr lanes::Kernel kKernels[] = {lanes::Kernel::kSse2, lanes::Kernel::kAvx2, lanes::Kernel::kAvx512};

/// Puts the best kernel back at the end of the test.
struct KernelScope {
  const lanes::Kernel before = lanes::kernel();
  ~KernelScope() { lanes::setKernel(before); }
};

TEST(blake3MatchesTheOfficialVectorsInEveryKernel) {
  static const struct {
    size_t length;
    const char* digest;
  } kVectors[] = {
      {0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"},
      {1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"},
      {64, "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98"},
      {65, "de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee"},
      {1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"},
      {1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"},
      {1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"},
      {2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a"},
      {2049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030"},
      {3072, "b98cb0ff3623be03326b373de6b9095218513e64f1ee2edd2525c7ad1e5cffd2"},
      {3073, "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3"},
      {8193, "bab6c09cb8ce8cf459261398d2e7aef35700bf488116ceb94a36d0f5f1b7bc3b"},
      {31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"},
      {102400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"},
  };
  const KernelScope scope;
  for (const lanes::Kernel kernel : kKernels) {
    if (!lanes::supported(kernel)) continue;
    lanes::setKernel(kernel);
    for (const auto& vector : kVectors) {
      const Bytes input = pattern(vector.length);
      EXPECT_EQ(hex(blake3(input.data(), input.size())), vector.digest);
    }
  }
}

TEST(blake3KernelsAgreeOnEveryChunkCount) {
  const KernelScope scope;
  const Bytes bytes = randomBytes(70 * 1024, 3);
  for (size_t length = 0; length <= bytes.size(); length += 509) {
    lanes::setKernel(lanes::Kernel::kSse2);
    const std::string expected = hex(blake3(bytes.data(), length));
    for (const lanes::Kernel kernel : kKernels) {
      if (!lanes::supported(kernel)) continue;
      lanes::setKernel(kernel);
      EXPECT_EQ(hex(blake3(bytes.data(), length)), expected);
    }
  }
}

TEST(blake3OfAStreamDoesNotDependOnItsPieces) {
  const Bytes bytes = randomBytes(1024 * 1024 + 77, 5);
  // Round the subtree of 128 KiB in which the stream is gathered.
  for (const size_t length : {size_t{0}, size_t{1}, size_t{131071}, size_t{131072}, size_t{131073}, size_t{262144},
                              size_t{393216}, bytes.size()}) {
    const std::string expected = hex(blake3(bytes.data(), length));
    for (const size_t piece : {size_t{1000}, size_t{65536}, size_t{131072}, size_t{200001}, bytes.size()}) {
      Blake3 hasher;
      for (size_t at = 0; at < length; at += piece) {
        hasher.update(bytes.data() + at, std::min(piece, length - at));
        if (at == 0) hasher.digest();  // Looking does not disturb.
      }
      EXPECT_EQ(hex(hasher.digest()), expected);
    }
  }
}

}  // namespace

}  // namespace coldframe::test
