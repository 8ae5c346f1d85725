// The map file: which disks exist, and who may log in.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace coldframe::lab {

struct ServerRow {
  std::string host;
  std::string port;
  std::string thumbprint;
  std::string user;
  std::string password;
};

struct DiskRow {
  std::string vmMoref;
  /// "-" where the VM's running disk is meant.
  std::string snapshotMoref;
  std::string path;
  std::string rawFile;
  std::vector<std::string> transports;
  std::string uuid;
  bool writable = false;
};

struct FileRow {
  std::string path;
  std::string rawFile;
};

struct Map {
  std::vector<ServerRow> servers;
  std::vector<std::string> cookies;
  std::vector<DiskRow> disks;
  std::vector<FileRow> files;
};

/// Reads the map. No path gives an empty map. A row that is not understood ends
/// the process: it is a mistake of the lab.
Map readMap(const std::string& path);

std::vector<std::string> splitAt(const std::string& text, char separator);

}  // namespace coldframe::lab
