// The library's error codes that the stand-in gives.
#pragma once

#include <cstdint>

namespace coldframe::lab {

inline constexpr uint64_t kFail = 1;
inline constexpr uint64_t kInvalidArgument = 3;
inline constexpr uint64_t kFileNotFound = 4;
inline constexpr uint64_t kNotSupported = 6;
inline constexpr uint64_t kFileError = 7;
inline constexpr uint64_t kDiskFull = 8;
inline constexpr uint64_t kReadOnlyFile = 11;
inline constexpr uint64_t kAlreadyExists = 12;
inline constexpr uint64_t kAccessError = 13;
inline constexpr uint64_t kLocked = 15;
inline constexpr uint64_t kObjectNotFound = 25;
inline constexpr uint64_t kAuthenticationFailed = 35;
inline constexpr uint64_t kInvalidHandle = 1000;
inline constexpr uint64_t kVmNotFound = 4000;
inline constexpr uint64_t kNotInitialised = 16001;
inline constexpr uint64_t kOutOfRange = 16007;
inline constexpr uint64_t kKeyNotFound = 16052;
inline constexpr uint64_t kMixedMode = 26000;

}  // namespace coldframe::lab
