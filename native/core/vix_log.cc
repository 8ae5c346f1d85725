#include "vix_log.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace coldframe {

namespace {

constexpr size_t kLongestLine = 64 * 1024;

std::string formatted(const char* format, va_list arguments) {
  char line[2048];
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(line, sizeof line, format, arguments);
  std::string text;
  if (length >= 0 && static_cast<size_t>(length) < sizeof line) {
    text.assign(line, static_cast<size_t>(length));
  } else if (length >= 0) {
    // Cutting a line short could cut a secret in two and let half of it through.
    text.resize(std::min(static_cast<size_t>(length), kLongestLine) + 1);
    std::vsnprintf(text.data(), text.size(), format, again);
    text.pop_back();
  }
  va_end(again);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

bool isNoise(std::string_view line) {
  return line.find("VDDK_PhoneHome:") != line.npos || line.find("Get CEIP status failed") != line.npos;
}

/// "8.0.2 build-22388865" out of "... VixDiskLib (8.0.2) Release build-22388865".
std::string versionIn(std::string_view line) {
  constexpr std::string_view kBefore = "VixDiskLib (";
  const size_t found = line.find(kBefore);
  if (found == line.npos) return {};
  const size_t start = found + kBefore.size();
  const size_t stop = line.find(')', start);
  if (stop == line.npos) return {};
  std::string version(line.substr(start, stop - start));
  const size_t build = line.find("build-", stop);
  if (build != line.npos) {
    const size_t end = line.find_first_of(" ,;)", build);
    version += " " + std::string(line.substr(build, end == line.npos ? end : end - build));
  }
  return version;
}

}  // namespace

// Never destroyed: the library's threads may log until the process has ended.
VixLog& VixLog::instance() {
  static VixLog* log = new VixLog();
  return *log;
}

void VixLog::setSink(LogSink sink) {
  const std::lock_guard lock(mutex_);
  sink_ = sink ? std::make_shared<const LogSink>(std::move(sink)) : nullptr;
}

void VixLog::addSecret(const std::string& secret) {
  const std::lock_guard lock(mutex_);
  if (secret.empty() || std::find(secrets_.begin(), secrets_.end(), secret) != secrets_.end()) return;
  secrets_.push_back(secret);
  // Longest first, so that a secret inside another leaves nothing of the longer.
  std::sort(secrets_.begin(), secrets_.end(),
            [](const std::string& left, const std::string& right) { return left.size() > right.size(); });
}

std::string VixLog::masked(std::string_view text) const {
  const std::lock_guard lock(mutex_);
  return maskedUnlocked(text);
}

std::string VixLog::maskedUnlocked(std::string_view text) const {
  std::string result(text);
  for (const std::string& secret : secrets_) {
    for (size_t at = 0; (at = result.find(secret, at)) != std::string::npos; at += 3) {
      result.replace(at, secret.size(), "***");
    }
  }
  return result;
}

void VixLog::write(LogLevel level, const char* format, va_list arguments) {
  std::string line = formatted(format, arguments);
  if (line.empty()) return;
  const LogLevel shown = isNoise(line) ? LogLevel::kDebug : level;
  std::shared_ptr<const LogSink> sink;
  {
    const std::lock_guard lock(mutex_);
    line = maskedUnlocked(line);
    if (version_.empty()) version_ = versionIn(line);
    if (shown >= LogLevel::kWarning) {
      warnings_.push_back(line);
      if (warnings_.size() > kKeptWarnings) warnings_.pop_front();
    }
    sink = sink_;
  }
  // Outside the lock: the sink may be slow, and others go on logging.
  if (sink) (*sink)(shown, line);
}

std::vector<std::string> VixLog::lastWarnings(size_t count) const {
  const std::lock_guard lock(mutex_);
  const size_t taken = std::min(count, warnings_.size());
  return {warnings_.end() - static_cast<std::ptrdiff_t>(taken), warnings_.end()};
}

std::string VixLog::version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

void VixLog::forget() {
  const std::lock_guard lock(mutex_);
  warnings_.clear();
  version_.clear();
}

void VixLog::onLog(const char* format, va_list arguments) {
  instance().write(LogLevel::kInfo, format, arguments);
}

void VixLog::onWarning(const char* format, va_list arguments) {
  instance().write(LogLevel::kWarning, format, arguments);
}

// The library ends the process after this; a line that waits is a line lost, so
// the sink is expected to write at once.
void VixLog::onPanic(const char* format, va_list arguments) {
  instance().write(LogLevel::kPanic, format, arguments);
}

}  // namespace coldframe
