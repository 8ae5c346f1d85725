#include "ring.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "failures.h"

namespace coldframe {

namespace {

uint8_t* map(int fd, size_t size) {
  void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (data == MAP_FAILED) throw systemError(errno, "mmap", "");
  return static_cast<uint8_t*>(data);
}

}  // namespace

std::shared_ptr<Ring> Ring::create(size_t bytes) {
  FileDescriptor fd(::memfd_create("coldframe-ring", MFD_CLOEXEC));
  if (!fd) throw systemError(errno, "memfd_create", "");
  if (::ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0) throw systemError(errno, "ftruncate", "");
  uint8_t* data = map(fd.get(), bytes);
  return std::shared_ptr<Ring>(new Ring(std::move(fd), bytes, data));
}

std::shared_ptr<Ring> Ring::attach(FileDescriptor fd) {
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) throw systemError(errno, "fstat", "");
  const auto size = static_cast<size_t>(status.st_size);
  uint8_t* data = map(fd.get(), size);
  return std::shared_ptr<Ring>(new Ring(std::move(fd), size, data));
}

Ring::Ring(FileDescriptor fd, size_t size, uint8_t* data) : fd_(std::move(fd)), size_(size), data_(data) {}

Ring::~Ring() { ::munmap(data_, size_); }

RingArea::RingArea(std::shared_ptr<RingAreas> areas, uint64_t offset, size_t size)
    : areas_(std::move(areas)), offset_(offset), size_(size) {}

RingArea::~RingArea() { areas_->give(offset_); }

uint8_t* RingArea::data() const { return areas_->ring_->data() + offset_; }

const std::shared_ptr<Ring>& RingArea::ring() const { return areas_->ring_; }

std::shared_ptr<RingArea> RingAreas::take(size_t bytes) {
  const size_t size = roundToPages(bytes);
  const std::lock_guard lock(mutex_);
  uint64_t offset = 0;
  for (const auto& [start, length] : taken_) {
    if (start - offset >= size) break;
    offset = start + length;
  }
  if (offset + size > ring_->size()) {
    throw ownError("ENOMEM", "ring", "Too many streams are open on one disk worker; close some.");
  }
  taken_.emplace(offset, size);
  return std::shared_ptr<RingArea>(new RingArea(shared_from_this(), offset, size));
}

// The first area stays warm for the next stream; others are rare, and their
// memory goes back to the system.
void RingAreas::give(uint64_t offset) {
  const std::lock_guard lock(mutex_);
  const auto found = taken_.find(offset);
  if (offset > 0) ::madvise(ring_->data() + offset, found->second, MADV_REMOVE);
  taken_.erase(found);
}

}  // namespace coldframe
