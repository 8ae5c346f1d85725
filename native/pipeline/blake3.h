// BLAKE3-256, hash mode only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace coldframe {

using Digest = std::array<uint8_t, 32>;

/// `scratch` is reused from call to call by one thread; it grows to 1/32 of the
/// largest input.
Digest blake3(const uint8_t* data, size_t length, std::vector<uint8_t>& scratch);
Digest blake3(const uint8_t* data, size_t length);

/// BLAKE3 of a byte stream.
class Blake3 {
 public:
  Blake3();
  void update(const uint8_t* data, size_t length);
  /// Over everything so far; more may follow.
  Digest digest() const;

 private:
  using Value = std::array<uint8_t, 32>;
  void addSubtree(const uint8_t* data);

  std::vector<uint8_t> buffer_;
  mutable std::vector<uint8_t> scratch_;
  /// Chaining values of the finished subtrees, largest first.
  std::vector<Value> stack_;
  uint64_t subtrees_ = 0;
};

namespace lanes {

enum class Kernel : uint8_t { kSse2, kAvx2, kAvx512 };

/// The best that this processor has; tests may set a lesser one.
Kernel kernel();
void setKernel(Kernel kernel);
bool supported(Kernel kernel);
const char* name(Kernel kernel);

}  // namespace lanes

}  // namespace coldframe
