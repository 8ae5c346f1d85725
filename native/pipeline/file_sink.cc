#include "file_sink.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "failures.h"
#include "ring.h"

namespace coldframe {

namespace {

constexpr uint64_t kStartEvery = uint64_t{16} << 20;
constexpr uint64_t kKeepBehind = uint64_t{64} << 20;
constexpr size_t kStaging = size_t{4} << 20;

/// Moves the front of the list on by `count` bytes that have been written.
void consume(struct iovec*& at, const struct iovec* end, size_t count) {
  while (at != end && count >= at->iov_len) {
    count -= at->iov_len;
    at++;
  }
  if (at == end) return;
  at->iov_base = static_cast<uint8_t*>(at->iov_base) + count;
  at->iov_len -= count;
}

Error writeError(int number, const char* function, uint64_t position) {
  Error error = systemError(number, function, "");
  error.text += " after " + std::to_string(position) + " bytes of the file";
  return error;
}

}  // namespace

void FileSink::Free::operator()(uint8_t* memory) const { std::free(memory); }

FileSink::FileSink(FileDescriptor fd, SinkOptions options, Done done)
    : fd_(std::move(fd)), options_(options), done_(std::move(done)) {
  if (options_.direct) {
    staging_.reset(static_cast<uint8_t*>(std::aligned_alloc(kPage, kStaging)));
    if (!staging_) throw ownError("ENOMEM", "sink", "No memory for the staging buffer.");
  }
  thread_ = std::thread([this] { work(); });
}

FileSink::~FileSink() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void FileSink::write(uint64_t id, std::vector<struct iovec> buffers) {
  push({id, Kind::kWrite, std::move(buffers), 0});
}

void FileSink::hole(uint64_t id, uint64_t bytes) { push({id, Kind::kHole, {}, bytes}); }

void FileSink::sync(uint64_t id) { push({id, Kind::kSync, {}, 0}); }

void FileSink::close(uint64_t id) { push({id, Kind::kClose, {}, 0}); }

void FileSink::push(Job job) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void FileSink::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    // Closing goes ahead after a failure too, or the file would stay open.
    if (!failed_ || job.kind == Kind::kClose) run(job);
    done_(job.id, failed_ ? &*failed_ : nullptr);
    lock.lock();
  }
}

void FileSink::run(Job& job) {
  try {
    switch (job.kind) {
      case Kind::kWrite: return options_.direct ? writeDirect(job.buffers) : writePlain(job.buffers);
      case Kind::kHole: return skip(job.bytes);
      case Kind::kSync:
        if (options_.direct) flushStaging(true);
        if (::fdatasync(fd_.get()) != 0) throw writeError(errno, "fdatasync", position_);
        return;
      case Kind::kClose: return finishFile();
    }
  } catch (const Error& error) {
    if (!failed_) failed_ = error;
  }
}

void FileSink::writePlain(std::vector<struct iovec>& buffers) {
  struct iovec* at = buffers.data();
  const struct iovec* end = at + buffers.size();
  consume(at, end, 0);
  while (at != end) {
    const int count = static_cast<int>(std::min<ptrdiff_t>(end - at, IOV_MAX));
    const ssize_t written = ::pwritev(fd_.get(), at, count, static_cast<off_t>(position_));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw writeError(written == 0 ? ENOSPC : errno, "pwritev", position_);
    position_ += static_cast<uint64_t>(written);
    consume(at, end, static_cast<size_t>(written));
  }
  roll();
}

// Without this the page cache fills with an archive that nobody reads again,
// and the last fdatasync waits for all of it.
void FileSink::roll() {
  if (!options_.rolling) return;
  while (position_ - started_ >= kStartEvery) {
    syncRange(started_, kStartEvery, SYNC_FILE_RANGE_WRITE);
    started_ += kStartEvery;
  }
  while (started_ > kKeepBehind && started_ - kKeepBehind > dropped_) {
    syncRange(dropped_, kStartEvery,
              SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
    ::posix_fadvise(fd_.get(), static_cast<off_t>(dropped_), static_cast<off_t>(kStartEvery), POSIX_FADV_DONTNEED);
    dropped_ += kStartEvery;
  }
}

// A hint, except that it may be the first to hear of a failed write.
void FileSink::syncRange(uint64_t offset, uint64_t length, unsigned flags) {
  if (::sync_file_range(fd_.get(), static_cast<off64_t>(offset), static_cast<off64_t>(length), flags) == 0) return;
  if (errno == EIO || errno == ENOSPC || errno == EDQUOT) throw writeError(errno, "sync_file_range", position_);
}

void FileSink::writeDirect(const std::vector<struct iovec>& buffers) {
  for (const struct iovec& buffer : buffers) {
    const auto* from = static_cast<const uint8_t*>(buffer.iov_base);
    size_t left = buffer.iov_len;
    while (left > 0) {
      const size_t take = std::min(left, kStaging - staged_);
      std::memcpy(staging_.get() + staged_, from, take);
      staged_ += take;
      from += take;
      left -= take;
      if (staged_ == kStaging) flushStaging(false);
    }
  }
}

// `all`: the ragged rest too, through the page cache; it is written again,
// directly, when more follows.
void FileSink::flushStaging(bool all) {
  const auto writeOut = [this](const uint8_t* data, size_t length, uint64_t position) {
    while (length > 0) {
      const ssize_t written = ::pwrite(fd_.get(), data, length, static_cast<off_t>(position));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) throw writeError(written == 0 ? ENOSPC : errno, "pwrite", position);
      data += written;
      length -= static_cast<size_t>(written);
      position += static_cast<uint64_t>(written);
    }
  };
  const auto setDirect = [this](bool on) {
    const int flags = ::fcntl(fd_.get(), F_GETFL);
    if (flags < 0 || ::fcntl(fd_.get(), F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT) != 0) {
      throw writeError(errno, "fcntl", position_);
    }
  };
  const size_t whole = staged_ / kPage * kPage;
  writeOut(staging_.get(), whole, position_);
  position_ += whole;
  staged_ -= whole;
  if (staged_ > 0) std::memmove(staging_.get(), staging_.get() + whole, staged_);
  if (!all || staged_ == 0) return;
  setDirect(false);
  writeOut(staging_.get(), staged_, position_);
  setDirect(true);
}

void FileSink::skip(uint64_t bytes) {
  if (!options_.direct) {
    position_ += bytes;
    started_ = std::max(started_, position_ / kStartEvery * kStartEvery);
    return;
  }
  static const uint8_t kZeros[kPage] = {};
  const auto pad = [this](uint64_t length) {
    while (length > 0) {
      const size_t take = static_cast<size_t>(std::min<uint64_t>(length, kPage));
      writeDirect({{const_cast<uint8_t*>(kZeros), take}});
      length -= take;
    }
  };
  const uint64_t toPage = std::min<uint64_t>(bytes, (kPage - staged_ % kPage) % kPage);
  pad(toPage);
  bytes -= toPage;
  if (bytes >= kPage) {
    flushStaging(false);
    position_ += bytes / kPage * kPage;
  }
  pad(bytes % kPage);
}

void FileSink::finishFile() {
  // Even where all else fails the descriptor is closed.
  struct Closer {
    FileSink& sink;
    ~Closer() { sink.fd_.reset(); }
  } closer{*this};
  if (failed_) return;
  if (options_.direct) flushStaging(true);
  const uint64_t length = position_ + staged_;
  // After a hole at the end the file would be too short.
  if (::ftruncate(fd_.get(), static_cast<off_t>(length)) != 0) throw writeError(errno, "ftruncate", length);
  if (fd_.reset() != 0) throw writeError(errno, "close", length);
}

}  // namespace coldframe
