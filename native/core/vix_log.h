// The library's log callbacks. They arrive on any thread, several at once, and
// have no context argument: so there is one log for the process.
#pragma once

#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace coldframe {

enum class LogLevel : uint8_t { kDebug = 0, kInfo = 1, kWarning = 2, kPanic = 3 };

using LogSink = std::function<void(LogLevel level, std::string_view line)>;

class VixLog {
 public:
  static constexpr size_t kKeptWarnings = 32;

  static VixLog& instance();

  void setSink(LogSink sink);
  /// From now on the text is replaced by *** in every line and error.
  void addSecret(const std::string& secret);
  std::string masked(std::string_view text) const;

  void write(LogLevel level, const char* format, va_list arguments);
  /// The last warnings and panics, oldest first.
  std::vector<std::string> lastWarnings(size_t count) const;
  /// What the library said of its version: "8.0.2 build-22388865", or empty.
  std::string version() const;
  /// Drops warnings and version before another library is loaded; secrets stay.
  void forget();

  // What InitEx gets.
  static void onLog(const char* format, va_list arguments);
  static void onWarning(const char* format, va_list arguments);
  static void onPanic(const char* format, va_list arguments);

 private:
  std::string maskedUnlocked(std::string_view text) const;

  mutable std::mutex mutex_;
  std::shared_ptr<const LogSink> sink_;
  std::vector<std::string> secrets_;
  std::deque<std::string> warnings_;
  std::string version_;
};

}  // namespace coldframe
