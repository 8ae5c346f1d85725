#include "lab_world.h"

#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <random>

namespace coldframe::test {

namespace {

struct Completion {
  std::mutex mutex;
  std::condition_variable wake;
  bool fired = false;
  std::unique_ptr<Error> error;

  static void done(void* context, std::unique_ptr<Error> error) {
    auto* self = static_cast<Completion*>(context);
    const std::lock_guard lock(self->mutex);
    self->fired = true;
    self->error = std::move(error);
    self->wake.notify_one();
  }

  void wait() {
    std::unique_lock lock(mutex);
    wake.wait(lock, [this] { return fired; });
    if (error) throw *error;
  }
};

}  // namespace

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "coldframe-native-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw Failure{"mkdtemp failed"};
  path_ = name;
}

TempDir::~TempDir() { std::filesystem::remove_all(path_); }

Bytes randomBytes(size_t size, uint64_t seed) {
  std::mt19937_64 random(seed);
  Bytes bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

void writeFile(const std::string& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file) throw Failure{"cannot write " + path};
}

void writeText(const std::string& path, const std::string& text) { writeFile(path, Bytes(text.begin(), text.end())); }

Bytes readFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Failure{"cannot read " + path};
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string readText(const std::string& path) {
  const Bytes bytes = readFile(path);
  return {bytes.begin(), bytes.end()};
}

Buffer::Buffer(size_t size)
    : data_(static_cast<uint8_t*>(std::aligned_alloc(4096, (size + 4095) / 4096 * 4096))), size_(size) {}

Buffer::~Buffer() { std::free(data_); }

void readAt(Disk& disk, uint64_t offset, Buffer& buffer) {
  Completion completion;
  disk.submitRead({offset, static_cast<uint32_t>(buffer.size()), buffer.data(), &Completion::done, &completion});
  completion.wait();
}

void writeAt(Disk& disk, uint64_t offset, Buffer& buffer) {
  Completion completion;
  disk.submitWrite({offset, static_cast<uint32_t>(buffer.size()), buffer.data(), &Completion::done, &completion});
  completion.wait();
}

std::string labLibrary(const std::string& variant) {
  const char* lab = std::getenv("COLDFRAME_TEST_LAB");
  if (lab == nullptr) throw Failure{"COLDFRAME_TEST_LAB must name the stand-in's folder; start the tests by make"};
  return variant.empty() ? lab : std::string(lab) + "/variants/" + variant;
}

LabWorld::LabWorld(const Bytes& disk) {
  writeFile(rawFile(), disk);
  writeText(dir / "events", "");
  const std::string tail = "\t" + std::string(kPath) + "\t" + rawFile() + "\thotadd:san:nbdssl:nbd\t6000C29a-0000\t";
  writeText(dir / "map", "server\tvcenter.test\t443\tAA:BB:CC\tbackup@test\t" + std::string(kPassword) + "\n" +
                             "disk\tvm-1\tsnapshot-7" + tail + "ro\n" + "disk\tvm-1\t-" + tail + "rw\n");
}

Environment LabWorld::environment(const Environment& more) const {
  Environment all = {{"COLDFRAME_LAB_VDDK_MAP", dir / "map"},
                     {"COLDFRAME_LAB_VDDK_EVENTS", dir / "events"},
                     {"COLDFRAME_TEST_STATE", dir / "state"}};
  all.insert(more.begin(), more.end());
  return all;
}

LoadOptions LabWorld::loadOptions(const std::string& variant) const {
  LoadOptions options;
  options.libDir = labLibrary(variant);
  options.stateDir = dir / "state";
  return options;
}

ConnectOptions connectOptions(const std::string& transports, bool readOnly) {
  ConnectOptions options;
  options.server = "vcenter.test";
  options.thumbprint = "aa:bb:cc";
  options.user = "backup@test";
  options.password = LabWorld::kPassword;
  options.vmMoref = "vm-1";
  if (readOnly) options.snapshotMoref = "snapshot-7";
  options.readOnly = readOnly;
  options.transports = transports;
  return options;
}

OpenedDisk::OpenedDisk(const LoadOptions& load, const ConnectOptions& connect, OpenOptions open)
    : library(VixLibrary::load(load)), connection(std::make_unique<VixConnection>(library, connect)) {
  connection->connect();
  open.readOnly = connect.readOnly;
  disk = connection->open(LabWorld::kPath, open);
}

OpenedDisk::~OpenedDisk() {
  disk.reset();
  connection.reset();
}

void OpenedDisk::close() {
  disk->close();
  connection->disconnect();
  library->exit();
}

}  // namespace coldframe::test
