#include "lab_log.h"

#include <cstdio>
#include <cstdlib>

namespace coldframe::lab {

namespace {

LogCallbacks callbacks;

void forward(abi::LogCallback* callback, const char* format, va_list arguments) {
  if (callback != nullptr) {
    callback(format, arguments);
  } else {
    std::vfprintf(stderr, format, arguments);
  }
}

}  // namespace

void setLogCallbacks(const LogCallbacks& given) { callbacks = given; }

void logInfo(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  forward(callbacks.log, format, arguments);
  va_end(arguments);
}

void logWarning(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  forward(callbacks.warn, format, arguments);
  va_end(arguments);
}

void logPanic(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  forward(callbacks.panic, format, arguments);
  va_end(arguments);
}

void violation(const char* rule, const char* function) {
  std::fprintf(stderr, "coldframe lab VixDiskLib: RULE BROKEN in VixDiskLib_%s: %s\n", function, rule);
  std::abort();
}

}  // namespace coldframe::lab
