// A small world for the stand-in library: a server, a VM with one disk in a
// snapshot, and the same disk open for writing without one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../core/disk.h"
#include "../core/vix_connection.h"
#include "../core/vix_library.h"
#include "harness.h"

namespace coldframe::test {

using Bytes = std::vector<uint8_t>;

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Bytes randomBytes(size_t size, uint64_t seed);
void writeFile(const std::string& path, const Bytes& bytes);
void writeText(const std::string& path, const std::string& text);
Bytes readFile(const std::string& path);
std::string readText(const std::string& path);

/// 4 KiB aligned memory.
class Buffer {
 public:
  explicit Buffer(size_t size);
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  uint8_t* data() { return data_; }
  size_t size() const { return size_; }
  Bytes bytes() const { return {data_, data_ + size_}; }

 private:
  uint8_t* data_;
  size_t size_;
};

/// Submits one request and waits for it; throws what the completion carries.
void readAt(Disk& disk, uint64_t offset, Buffer& buffer);
void writeAt(Disk& disk, uint64_t offset, Buffer& buffer);

/// Folder of the stand-in, or of one of its variants.
std::string labLibrary(const std::string& variant = "");

class LabWorld {
 public:
  static constexpr const char* kPath = "[store] app/app.vmdk";
  static constexpr const char* kPassword = "correct horse";

  explicit LabWorld(const Bytes& disk);

  const TempDir dir;
  /// What a child needs to find this world again.
  Environment environment(const Environment& more = {}) const;

  LoadOptions loadOptions(const std::string& variant = "") const;
  std::string rawFile() const { return dir / "disk.raw"; }
  std::string events() const { return readText(dir / "events"); }
};

/// A connection to the world's VM: its snapshot for reading, the VM itself for writing.
ConnectOptions connectOptions(const std::string& transports, bool readOnly = true);

/// Everything open at once, closed in the right order.
struct OpenedDisk {
  OpenedDisk(const LoadOptions& load, const ConnectOptions& connect, OpenOptions open = {});
  ~OpenedDisk();
  void close();

  std::shared_ptr<VixLibrary> library;
  std::unique_ptr<VixConnection> connection;
  std::unique_ptr<Disk> disk;
};

}  // namespace coldframe::test
