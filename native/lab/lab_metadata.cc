#include "lab_metadata.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace coldframe::lab {

namespace {

std::string pathOf(const DiskFacts& disk) { return disk.rawFile + ".metadata"; }

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '\n':
        result += "\\n";
        break;
      case '\t':
        result += "\\t";
        break;
      case '\\':
        result += "\\\\";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string unescaped(const std::string& text) {
  std::string result;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      result += text[i];
      continue;
    }
    const char c = text[++i];
    result += c == 'n' ? '\n' : c == 't' ? '\t' : c;
  }
  return result;
}

Metadata defaults(const DiskFacts& disk) {
  constexpr uint64_t kHeads = 255;
  constexpr uint64_t kSectors = 63;
  return {
      {"adapterType", "lsilogic"},
      {"geometry.cylinders", std::to_string(disk.capacitySectors / (kHeads * kSectors))},
      {"geometry.heads", std::to_string(kHeads)},
      {"geometry.sectors", std::to_string(kSectors)},
      {"toolsVersion", "2147483647"},
      {"uuid", disk.uuid},
      {"virtualHWVersion", "19"},
  };
}

}  // namespace

Metadata loadMetadata(const DiskFacts& disk) {
  std::ifstream file(pathOf(disk));
  if (!file) return defaults(disk);
  Metadata entries;
  for (std::string line; std::getline(file, line);) {
    const size_t tab = line.find('\t');
    if (tab != std::string::npos) entries.emplace_back(unescaped(line.substr(0, tab)), unescaped(line.substr(tab + 1)));
  }
  return entries;
}

bool storeMetadata(const DiskFacts& disk, const std::string& key, const std::string& value) {
  Metadata entries = loadMetadata(disk);
  const auto found = std::find_if(entries.begin(), entries.end(), [&key](const auto& entry) { return entry.first == key; });
  if (found == entries.end()) {
    entries.emplace_back(key, value);
  } else {
    found->second = value;
  }
  const std::string partial = pathOf(disk) + ".new";
  std::ofstream file(partial);
  for (const auto& [name, text] : entries) file << escaped(name) << '\t' << escaped(text) << '\n';
  file.close();
  return file.good() && std::rename(partial.c_str(), pathOf(disk).c_str()) == 0;
}

}  // namespace coldframe::lab
