// The three log callbacks that the caller gave to InitEx.
#pragma once

#include "../core/vix_abi.h"

namespace coldframe::lab {

struct LogCallbacks {
  abi::LogCallback* log = nullptr;
  abi::LogCallback* warn = nullptr;
  abi::LogCallback* panic = nullptr;
};

void setLogCallbacks(const LogCallbacks& callbacks);

[[gnu::format(printf, 1, 2)]] void logInfo(const char* format, ...);
[[gnu::format(printf, 1, 2)]] void logWarning(const char* format, ...);
[[gnu::format(printf, 1, 2)]] void logPanic(const char* format, ...);

/// Ends the process with a message: the caller broke one of the library's rules.
[[noreturn]] void violation(const char* rule, const char* function);

}  // namespace coldframe::lab
