// The connection parameters that the library gets, and the strings they point to.
#pragma once

#include <deque>
#include <string>

#include "vix_abi.h"
#include "vix_connection.h"

namespace coldframe {

/// Allocated by the library where it can (so that the struct has its size), else
/// a zeroed area larger than any release's. All strings stay ours.
class VixParams {
 public:
  enum class Scope : uint8_t {
    kVm,
    /// Cleanup wants the server and no VM.
    kServer,
  };

  VixParams(const VixFunctions& functions, const ConnectOptions& options, Scope scope);
  ~VixParams();
  VixParams(const VixParams&) = delete;
  VixParams& operator=(const VixParams&) = delete;

  const abi::ConnectParams* get() const { return params_; }

 private:
  static constexpr size_t kFallbackBytes = 256;

  char* keep(const std::string& text);
  void fill(const ConnectOptions& options, Scope scope);

  const VixFunctions& functions_;
  alignas(abi::ConnectParams) unsigned char fallback_[kFallbackBytes] = {};
  abi::ConnectParams* params_ = nullptr;
  // A deque: its elements never move, the struct points into them.
  std::deque<std::string> strings_;
};

}  // namespace coldframe
