#include "lab_settings.h"

#include <cstdlib>
#include <fstream>
#include <map>
#include <string_view>

namespace coldframe::lab {

namespace {

std::string fromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

uint64_t number(const std::string& text, uint64_t fallback) {
  if (text.empty()) return fallback;
  return std::strtoull(text.c_str(), nullptr, 10);
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\"";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == text.npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlank) - first + 1));
}

using Values = std::map<std::string, std::string>;

bool readValues(const char* path, Values& values) {
  std::ifstream file(path);
  if (!file) return false;
  for (std::string line; std::getline(file, line);) {
    const size_t equals = line.find('=');
    if (equals == std::string::npos || line[0] == '#') continue;
    values[trimmed(std::string_view(line).substr(0, equals))] = trimmed(std::string_view(line).substr(equals + 1));
  }
  return true;
}

}  // namespace

bool readSettings(const char* configFile, Settings& settings) {
  settings = Settings{};
  settings.mapPath = fromEnvironment("COLDFRAME_LAB_VDDK_MAP");
  settings.eventsPath = fromEnvironment("COLDFRAME_LAB_VDDK_EVENTS");
  settings.latency = std::chrono::milliseconds(number(fromEnvironment("COLDFRAME_LAB_VDDK_LATENCY_MS"), 0));
  settings.fileIsAsync = fromEnvironment("COLDFRAME_LAB_VDDK_ASYNC") == "1";
  const std::string threads = fromEnvironment("COLDFRAME_LAB_VDDK_THREADS");
  settings.strictThreads = threads.empty() ? configFile != nullptr : threads == "strict";
  if (configFile == nullptr) return true;
  Values values;
  if (!readValues(configFile, values)) return false;
  settings.tmpDirectory = values["tmpDirectory"];
  settings.aioUnits = number(values["vixDiskLib.nfcAio.Session.BufSizeIn64KB"], 1) *
                      number(values["vixDiskLib.nfcAio.Session.BufCount"], 4);
  return true;
}

}  // namespace coldframe::lab
