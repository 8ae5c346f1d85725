// Builders for Error, so that every message names what failed in the same way.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "error.h"

namespace coldframe {

/// Names of errors that are our own and not the library's or the kernel's.
inline constexpr const char* kNotSupported = "COLDFRAME_NOT_SUPPORTED";
inline constexpr const char* kOutOfRange = "COLDFRAME_OUT_OF_RANGE";
inline constexpr const char* kBadRequest = "COLDFRAME_BAD_REQUEST";
inline constexpr const char* kReadOnly = "COLDFRAME_READ_ONLY";
inline constexpr const char* kClosed = "COLDFRAME_CLOSED";
inline constexpr const char* kThreadRule = "COLDFRAME_THREAD_RULE";
inline constexpr const char* kLibraryMissing = "COLDFRAME_LIBRARY_MISSING";
inline constexpr const char* kProtocol = "COLDFRAME_PROTOCOL";

/// A failed system call: `number` is its errno.
Error systemError(int number, const std::string& function, const std::string& disk);

/// A failure that coldframe itself found; `name` is one of the constants above.
Error ownError(const char* name, const std::string& function, const std::string& text);

/// The errno's symbolic name ("EIO"), or "errno 999" where it has none.
std::string errnoName(int number);

inline bool isNotSupported(const Error& error) { return error.name == kNotSupported; }

inline std::unique_ptr<Error> boxed(Error error) {
  return std::make_unique<Error>(std::move(error));
}

}  // namespace coldframe
