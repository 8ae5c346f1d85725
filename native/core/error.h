// The one error type of the native side. It carries everything that the person
// who reads the run's log needs, and what the engine needs to decide on a retry.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

namespace coldframe {

/// Whether trying again can help; the engine owns how often and how long.
enum class Retry : uint8_t {
  kNo = 0,
  /// Same call, same connection, after a pause.
  kAgain = 1,
  /// A fresh connection (or another host) first.
  kReconnect = 2,
  /// Try the next transport of the policy.
  kNextTransport = 3,
};

struct Error : std::exception {
  /// Raw 64-bit VixError, or errno for system calls, 0 for our own checks.
  uint64_t raw = 0;
  /// Symbolic name: VIX_E_FILE_ACCESS_ERROR, EIO, COLDFRAME_PROTOCOL ...
  std::string name;
  /// One sentence: the library's text, strerror, or our own.
  std::string text;
  /// The call that failed: VixDiskLib_Open, pread, ...
  std::string function;
  std::string disk;
  std::string transport;
  Retry retry = Retry::kNo;
  /// The library's last warning lines before the failure, oldest first.
  std::vector<std::string> warnings;

  const char* what() const noexcept override { return text.c_str(); }
};

}  // namespace coldframe
