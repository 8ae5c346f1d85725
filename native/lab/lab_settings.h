// What the stand-in takes from its environment and from InitEx's config file.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace coldframe::lab {

struct Settings {
  std::string mapPath;
  std::string eventsPath;
  std::chrono::milliseconds latency{0};
  bool fileIsAsync = false;
  bool strictThreads = false;
  /// Empty where there is no config file: then nothing is kept for Cleanup.
  std::string tmpDirectory;
  /// Of one disk over NFC, in units of 64 KiB.
  uint64_t aioUnits = 4;
};

/// `configFile` may be null. False where it was given and can't be read.
bool readSettings(const char* configFile, Settings& settings);

}  // namespace coldframe::lab
