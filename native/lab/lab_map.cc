#include "lab_map.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace coldframe::lab {

namespace {

[[noreturn]] void broken(const std::string& path, const std::string& line) {
  std::fprintf(stderr, "coldframe lab VixDiskLib: the map %s is not understood at '%s'\n", path.c_str(), line.c_str());
  std::abort();
}

bool addRow(Map& map, const std::vector<std::string>& fields) {
  const std::string& kind = fields[0];
  if (kind == "server" && fields.size() == 6) {
    map.servers.push_back({fields[1], fields[2], fields[3], fields[4], fields[5]});
  } else if (kind == "cookie" && fields.size() == 2) {
    map.cookies.push_back(fields[1]);
  } else if (kind == "disk" && fields.size() == 8 && (fields[7] == "ro" || fields[7] == "rw")) {
    map.disks.push_back({fields[1], fields[2], fields[3], fields[4], splitAt(fields[5], ':'), fields[6], fields[7] == "rw"});
  } else if (kind == "file" && fields.size() == 3) {
    map.files.push_back({fields[1], fields[2]});
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::vector<std::string> splitAt(const std::string& text, char separator) {
  std::vector<std::string> parts;
  size_t at = 0;
  for (size_t found = 0; found != std::string::npos; at = found + 1) {
    found = text.find(separator, at);
    parts.push_back(text.substr(at, found == std::string::npos ? found : found - at));
  }
  return parts;
}

Map readMap(const std::string& path) {
  Map map;
  if (path.empty()) return map;
  std::ifstream file(path);
  if (!file) broken(path, "(the file itself)");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (!addRow(map, splitAt(line, '\t'))) broken(path, line);
  }
  return map;
}

}  // namespace coldframe::lab
