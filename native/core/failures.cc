#include "failures.h"

#include <cerrno>
#include <cstring>

namespace coldframe {

namespace {

Retry retryOfErrno(int number) {
  switch (number) {
    case EINTR:
    case EAGAIN:
    case EBUSY:
    case ENOMEM:
    case ETIMEDOUT:
      return Retry::kAgain;
    // The device has gone: attaching it anew, or another transport, can help.
    case ENXIO:
    case ENODEV:
    case ENOENT:
      return Retry::kNextTransport;
    default:
      return Retry::kNo;
  }
}

}  // namespace

std::string errnoName(int number) {
  const char* name = strerrorname_np(number);
  return name != nullptr ? name : "errno " + std::to_string(number);
}

Error systemError(int number, const std::string& function, const std::string& disk) {
  Error error;
  error.raw = static_cast<uint64_t>(number);
  error.name = errnoName(number);
  const char* text = strerrordesc_np(number);
  error.text = text != nullptr ? text : error.name;
  error.function = function;
  error.disk = disk;
  error.retry = retryOfErrno(number);
  return error;
}

Error ownError(const char* name, const std::string& function, const std::string& text) {
  Error error;
  error.name = name;
  error.text = text;
  error.function = function;
  return error;
}

}  // namespace coldframe
