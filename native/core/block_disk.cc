#include "block_disk.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "failures.h"
#include "file_descriptor.h"
#include "io_pool.h"
#include "request_check.h"
#include "seek_extents.h"

namespace coldframe {

namespace {

// Every Linux file system and device takes direct I/O at this alignment; asking
// for the exact one would only help requests smaller than a page.
constexpr uint64_t kDirectAlignment = 4096;

struct Opened {
  FileDescriptor buffered;
  FileDescriptor direct;
  DiskInfo info;
  bool device = false;
};

Opened openPath(const BlockOptions& options) {
  Opened opened;
  struct stat status {};
  if (::stat(options.path.c_str(), &status) != 0) throw systemError(errno, "stat", options.path);
  opened.device = S_ISBLK(status.st_mode);
  if (!opened.device && !S_ISREG(status.st_mode)) {
    Error error = ownError(kBadRequest, "open", "This is neither a block device nor a file.");
    error.disk = options.path;
    throw error;
  }
  const int access = (options.readOnly ? O_RDONLY : O_RDWR) | O_CLOEXEC;
  const int claim = opened.device && !options.readOnly ? O_EXCL : 0;
  opened.buffered = FileDescriptor(::open(options.path.c_str(), access | claim));
  if (!opened.buffered) throw systemError(errno, "open", options.path);
  if (options.direct) {
    // Without direct I/O everything still works, only through the page cache.
    const std::string self = "/proc/self/fd/" + std::to_string(opened.buffered.get());
    opened.direct = FileDescriptor(::open(self.c_str(), access | O_DIRECT));
  }
  return opened;
}

void readGeometry(Opened& opened, const BlockOptions& options) {
  const int fd = opened.buffered.get();
  DiskInfo& info = opened.info;
  info.async = true;
  info.transport = opened.device ? "block" : "file";
  if (opened.device) {
    unsigned int physical = 0;
    int logical = 0;
    if (::ioctl(fd, BLKGETSIZE64, &info.capacityBytes) != 0) {
      throw systemError(errno, "BLKGETSIZE64", options.path);
    }
    if (::ioctl(fd, BLKSSZGET, &logical) == 0) info.logicalSectorBytes = static_cast<uint32_t>(logical);
    if (::ioctl(fd, BLKPBSZGET, &physical) == 0) info.physicalSectorBytes = physical;
  } else {
    struct stat status {};
    if (::fstat(fd, &status) != 0) throw systemError(errno, "fstat", options.path);
    info.capacityBytes = static_cast<uint64_t>(status.st_size);
  }
  if (info.capacityBytes % kSectorBytes != 0) {
    Error error = ownError(kBadRequest, "open",
                           "The size is " + std::to_string(info.capacityBytes) +
                               " bytes, which is not a whole number of 512-byte sectors; "
                               "check that this is a raw disk.");
    error.disk = options.path;
    throw error;
  }
}

class BlockDisk final : public Disk {
 public:
  BlockDisk(Opened opened, const BlockOptions& options)
      : path_(options.path),
        readOnly_(options.readOnly),
        opened_(std::move(opened)),
        pool_(std::in_place, options.queueThreads, [this](const IoPool::Job& job) { run(job); }) {}

  const DiskInfo& info() const override { return opened_.info; }

  void submitRead(const IoRequest& request) override { submit(request, false); }

  void submitWrite(const IoRequest& request) override {
    if (readOnly_) throw fail(kReadOnly, "pwrite", "The disk is open for reading only.");
    submit(request, true);
  }

  void drain() override {
    if (pool_) pool_->drain();
  }

  void flush() override {
    if (!pool_) throw fail(kClosed, "fdatasync", "The disk is closed.");
    pool_->drain();
    if (::fdatasync(opened_.buffered.get()) != 0) throw broken(errno, "fdatasync");
  }

  std::vector<Extent> allocated(uint64_t offset, uint64_t length) override {
    if (!pool_) throw fail(kClosed, "lseek", "The disk is closed.");
    if (opened_.device) {
      throw fail(kNotSupported, "lseek", "A block device has no map of its allocated areas.");
    }
    if (offset > opened_.info.capacityBytes || length > opened_.info.capacityBytes - offset) {
      throw fail(kOutOfRange, "lseek", "The range lies beyond the end of the disk.");
    }
    try {
      return seekExtents(opened_.buffered.get(), {offset, length});
    } catch (Error& error) {
      error.disk = path_;
      throw;
    }
  }

  std::vector<std::pair<std::string, std::string>> readMetadata() override { return {}; }

  void writeMetadata(const std::string&, const std::string&) override {
    throw fail(kNotSupported, "writeMetadata", "A block device carries no metadata.");
  }

  void close() override {
    if (!pool_) return;
    pool_.reset();
    const int direct = opened_.direct.reset();
    if (opened_.buffered.reset() != 0 || direct != 0) throw broken(errno, "close");
  }

 private:
  void submit(const IoRequest& request, bool write) {
    const char* function = write ? "pwrite" : "pread";
    if (!pool_) throw fail(kClosed, function, "The disk is closed.");
    if (const RequestFault* fault = findRequestFault(request, opened_.info.capacityBytes)) {
      throw fail(fault->name, function, fault->text);
    }
    pool_->push({request, write});
  }

  void run(const IoPool::Job& job) {
    const IoRequest& request = job.request;
    const int fd = descriptorFor(request);
    uint32_t moved = 0;
    std::unique_ptr<Error> error;
    while (moved < request.length && !error) {
      const auto at = static_cast<off_t>(request.offset + moved);
      const size_t left = request.length - moved;
      const ssize_t count = job.write ? ::pwrite(fd, request.buffer + moved, left, at)
                                      : ::pread(fd, request.buffer + moved, left, at);
      if (count > 0) {
        moved += static_cast<uint32_t>(count);
      } else if (count == 0) {
        error = boxed(shortTransfer(job, moved));
      } else if (errno != EINTR) {
        error = boxed(broken(errno, job.write ? "pwrite" : "pread"));
        error->text += " at byte " + std::to_string(request.offset + moved);
      }
    }
    request.done(request.context, std::move(error));
  }

  int descriptorFor(const IoRequest& request) const {
    const uint64_t bits = request.offset | request.length | reinterpret_cast<uintptr_t>(request.buffer);
    const bool aligned = bits % kDirectAlignment == 0;
    return aligned && opened_.direct ? opened_.direct.get() : opened_.buffered.get();
  }

  Error shortTransfer(const IoPool::Job& job, uint32_t moved) const {
    const IoRequest& request = job.request;
    return fail("EIO", job.write ? "pwrite" : "pread",
                "Only " + std::to_string(moved) + " of " + std::to_string(request.length) +
                    " bytes moved at byte " + std::to_string(request.offset) +
                    "; the disk has become smaller.");
  }

  Error fail(const char* name, const char* function, const std::string& text) const {
    Error error = ownError(name, function, text);
    error.disk = path_;
    error.transport = opened_.info.transport;
    return error;
  }

  Error broken(int number, const char* function) const {
    Error error = systemError(number, function, path_);
    error.transport = opened_.info.transport;
    return error;
  }

  const std::string path_;
  const bool readOnly_;
  Opened opened_;
  // Last member: its threads use the ones above and are joined first.
  std::optional<IoPool> pool_;
};

}  // namespace

std::unique_ptr<Disk> openBlockDisk(const BlockOptions& options) {
  Opened opened = openPath(options);
  readGeometry(opened, options);
  return std::make_unique<BlockDisk>(std::move(opened), options);
}

}  // namespace coldframe
