// Writes one file from start to end on a thread of its own.
#pragma once

#include <sys/uio.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "error.h"
#include "file_descriptor.h"

namespace coldframe {

struct SinkOptions {
  /// O_DIRECT with a staging buffer; what does not fill a page at the end, or
  /// before a hole, goes through the page cache.
  bool direct = false;
  /// Page cache: start write-back every 16 MiB and drop what lies 64 MiB behind.
  bool rolling = true;
};

class FileSink {
 public:
  /// `done` is called on the sink's thread, in order, once for every job.
  using Done = std::function<void(uint64_t id, const Error* error)>;

  /// `fd` must be open for writing, empty, and is closed by the sink.
  FileSink(FileDescriptor fd, SinkOptions options, Done done);
  /// Drops what is queued, waits for the running job and closes.
  ~FileSink();
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  /// The bytes must stay as they are until the job is done.
  void write(uint64_t id, std::vector<struct iovec> buffers);
  void hole(uint64_t id, uint64_t bytes);
  /// fdatasync.
  void sync(uint64_t id);
  /// Sets the file's length to what was written and closes it.
  void close(uint64_t id);

 private:
  enum class Kind : uint8_t { kWrite, kHole, kSync, kClose };
  struct Job {
    uint64_t id = 0;
    Kind kind = Kind::kWrite;
    std::vector<struct iovec> buffers;
    uint64_t bytes = 0;
  };

  void push(Job job);
  void work();
  void run(Job& job);
  void writePlain(std::vector<struct iovec>& buffers);
  void writeDirect(const std::vector<struct iovec>& buffers);
  void flushStaging(bool all);
  void skip(uint64_t bytes);
  void roll();
  void syncRange(uint64_t offset, uint64_t length, unsigned flags);
  void finishFile();

  FileDescriptor fd_;
  const SinkOptions options_;
  const Done done_;
  uint64_t position_ = 0;
  /// Up to here write-back has been started, and the cache dropped.
  uint64_t started_ = 0;
  uint64_t dropped_ = 0;
  struct Free {
    void operator()(uint8_t* memory) const;
  };
  std::unique_ptr<uint8_t, Free> staging_;
  size_t staged_ = 0;
  std::optional<Error> failed_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace coldframe
