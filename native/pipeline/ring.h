// Memory that the mover and its disk worker share: a memfd that both map.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "file_descriptor.h"

namespace coldframe {

/// A mapping of the whole memfd. It is large and sparse: only what has been
/// used takes memory.
class Ring {
 public:
  /// Throws Error.
  static std::shared_ptr<Ring> create(size_t bytes);
  /// Maps a memfd that another process made.
  static std::shared_ptr<Ring> attach(FileDescriptor fd);
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  int fd() const { return fd_.get(); }
  size_t size() const { return size_; }
  uint8_t* data() const { return data_; }
  /// Null unless the whole range lies inside.
  uint8_t* at(uint64_t offset, uint64_t length) const {
    return offset <= size_ && length <= size_ - offset ? data_ + offset : nullptr;
  }

 private:
  Ring(FileDescriptor fd, size_t size, uint8_t* data);

  FileDescriptor fd_;
  size_t size_;
  uint8_t* data_;
};

class RingAreas;

/// One stream's share of the ring, given back on destruction.
class RingArea {
 public:
  ~RingArea();
  RingArea(const RingArea&) = delete;
  RingArea& operator=(const RingArea&) = delete;

  uint64_t offset() const { return offset_; }
  size_t size() const { return size_; }
  uint8_t* data() const;
  const std::shared_ptr<Ring>& ring() const;

 private:
  friend class RingAreas;
  RingArea(std::shared_ptr<RingAreas> areas, uint64_t offset, size_t size);

  std::shared_ptr<RingAreas> areas_;
  uint64_t offset_;
  size_t size_;
};

/// Gives out areas, lowest address first, so that streams that follow each
/// other use the same warm pages.
class RingAreas : public std::enable_shared_from_this<RingAreas> {
 public:
  explicit RingAreas(std::shared_ptr<Ring> ring) : ring_(std::move(ring)) {}

  /// Rounded up to whole pages. Throws Error where there is no room.
  std::shared_ptr<RingArea> take(size_t bytes);
  const Ring& ring() const { return *ring_; }

 private:
  friend class RingArea;
  void give(uint64_t offset);

  const std::shared_ptr<Ring> ring_;
  std::mutex mutex_;
  std::map<uint64_t, size_t> taken_;
};

inline constexpr size_t kPage = 4096;
constexpr size_t roundToPages(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

}  // namespace coldframe
