// The configuration file that InitEx gets.
#pragma once

#include <cstdint>
#include <string>

namespace coldframe {

struct VixConfig {
  /// NFC buffers of one disk, in 64 KiB units, and how many of them. Their
  /// product is capped at 16 MiB, beyond which Open fails.
  uint32_t aioBufferUnits = 16;
  uint32_t aioBufferCount = 4;
  /// 0 panic ... 3 audit ... 6 trivia.
  uint32_t transportLogLevel = 3;
  /// 0 quiet, 1 error, 2 warning, 3 info, 4 debug.
  uint32_t nfcLogLevel = 1;
  uint32_t nfcAcceptTimeoutMs = 180'000;
  uint32_t nfcRequestTimeoutMs = 180'000;
  uint32_t nfcReadTimeoutMs = 60'000;
  uint32_t nfcWriteTimeoutMs = 600'000;
  /// Comma-separated device paths that SAN may or must not use; empty: no limit.
  std::string sanAllow;
  std::string sanDeny;
  /// VMware Cloud on AWS: no NFC beside HotAdd, and no map of allocated blocks.
  bool hotaddWithoutNfc = false;
};

/// The file's text. Throws Error(kBadRequest) where a value could break out of
/// its line.
std::string vixConfigText(const VixConfig& config, const std::string& tmpDirectory);

/// Makes `stateDir` and `stateDir`/tmp private (0700), writes
/// `stateDir`/vixdisklib.conf and returns its path. Throws Error.
std::string writeVixConfig(const VixConfig& config, const std::string& stateDir);

}  // namespace coldframe
