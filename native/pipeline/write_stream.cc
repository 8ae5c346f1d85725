#include "write_stream.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "chunk_packer.h"
#include "failures.h"
#include "frame.h"
#include "zero.h"

namespace coldframe {

namespace {

constexpr size_t kDamageKept = 10'000;

void readArchive(int fd, uint8_t* out, size_t length, uint64_t offset) {
  while (length > 0) {
    const ssize_t count = ::pread(fd, out, length, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw systemError(errno, "pread", "");
    if (count == 0) throw ownError(kShortArchive, "pread", "The archive ends too early.");
    out += count;
    offset += static_cast<uint64_t>(count);
    length -= static_cast<size_t>(count);
  }
}

void addSegment(std::vector<Segment>& segments, Segment segment) {
  while (segment.length > 0) {
    Segment* last = segments.empty() ? nullptr : &segments.back();
    const bool joins = last != nullptr && last->length < kRequestMax &&
                       last->ringOffset + last->length == segment.ringOffset &&
                       last->diskOffset + last->length == segment.diskOffset;
    const uint64_t take = std::min(segment.length, joins ? kRequestMax - last->length : kRequestMax);
    if (joins) {
      last->length += take;
    } else {
      segments.push_back({segment.ringOffset, segment.diskOffset, take});
    }
    segment.ringOffset += take;
    segment.diskOffset += take;
    segment.length -= take;
  }
}

}  // namespace

/// What came of one slot's work, gathered without the lock.
struct WriteStream::Outcome {
  std::vector<Segment> segments;
  uint64_t checkedBytes = 0;
  uint64_t writtenBytes = 0;
  uint64_t zeroBytes = 0;
  std::vector<Damage> damage;
};

std::shared_ptr<WriteStream> WriteStream::start(DataPort* port, ComputePool& pool, WriteOptions options,
                                                std::function<void()> wake) {
  std::shared_ptr<WriteStream> stream(new WriteStream(port, pool, std::move(options), std::move(wake)));
  if (port == nullptr) return stream;
  const uint32_t client = port->attach(stream);
  const std::lock_guard lock(stream->mutex_);
  stream->client_ = client;
  stream->attached_ = !stream->portLost_;
  return stream;
}

WriteStream::WriteStream(DataPort* port, ComputePool& pool, WriteOptions options, std::function<void()> wake)
    : port_(port), pool_(pool), options_(std::move(options)), wake_(std::move(wake)) {
  if (options_.slotBytes == 0 || options_.slotBytes % kPage != 0 || options_.slotBytes > size_t{64} << 20) {
    throw ownError(kBadRequest, "write", "A slot must be a multiple of 4096 bytes, at most 64 MiB.");
  }
  slots_.resize(std::clamp(options_.depth, 4U, 32U));
  const size_t bytes = slots_.size() * options_.slotBytes;
  if (port_ != nullptr) {
    area_ = port_->takeArea(bytes);
  } else {
    memory_.resize(bytes);
  }
  for (size_t i = slots_.size(); i-- > 0;) free_.push_back(static_cast<uint32_t>(i));
}

uint8_t* WriteStream::slotData(uint32_t index) {
  return (area_ ? area_->data() : memory_.data()) + index * options_.slotBytes;
}

void WriteStream::push(std::span<const uint8_t> rows) {
  std::vector<SlotWork> work = planPieces(rows, options_.archives.size(), options_.slotBytes);
  const std::lock_guard lock(mutex_);
  if (failure_) return;
  for (SlotWork& item : work) {
    pending_ += item.pieces;
    queue_.push_back(std::move(item));
  }
  pump();
}

size_t WriteStream::pending() {
  const std::lock_guard lock(mutex_);
  return pending_;
}

bool WriteStream::idle() {
  const std::lock_guard lock(mutex_);
  return working_ == 0 && (failure_ || (writing_ == 0 && queue_.empty()));
}

std::optional<Damage> WriteStream::failure() {
  const std::lock_guard lock(mutex_);
  return failure_;
}

WriteTotals WriteStream::totals() {
  const std::lock_guard lock(mutex_);
  return totals_;
}

void WriteStream::abort() {
  const std::lock_guard lock(mutex_);
  Damage none;
  none.error = ownError(kCancelled, "write", "The write was cancelled.");
  fail(std::move(none));
  detachWhenDrained();
}

void WriteStream::finish() {
  const std::lock_guard lock(mutex_);
  finishing_ = true;
  detachWhenDrained();
}

void WriteStream::pump() {
  while (!failure_ && !queue_.empty() && !free_.empty()) {
    const uint32_t index = free_.back();
    free_.pop_back();
    slots_[index].work = std::move(queue_.front());
    queue_.pop_front();
    working_++;
    readAhead(slots_[index].work);
    pool_.post([self = shared_from_this(), index] { self->process(index); });
  }
}

// While a slot waits for a thread the storage can fetch its bytes already: two
// threads alone would keep no disk or server busy. Slots bound how far ahead.
void WriteStream::readAhead(const SlotWork& work) {
  struct Range {
    int fd;
    uint64_t offset;
    uint64_t length;
  };
  std::vector<Range> ranges;
  for (const SourceRun& run : work.runs) {
    const Piece& source = run.source();
    if (source.zeros()) continue;
    const int fd = options_.archives[source.archive];
    Range* last = ranges.empty() ? nullptr : &ranges.back();
    if (last != nullptr && last->fd == fd && last->offset + last->length == source.fileOffset) {
      last->length += source.storedLength;
    } else {
      ranges.push_back({fd, source.fileOffset, source.storedLength});
    }
  }
  if (ranges.empty()) return;
  // Counted as work, so that the descriptors are open as long as it runs.
  working_++;
  pool_.postFirst([self = shared_from_this(), ranges = std::move(ranges)] {
    for (const Range& range : ranges) {
      ::posix_fadvise(range.fd, static_cast<off_t>(range.offset), static_cast<off_t>(range.length), POSIX_FADV_WILLNEED);
    }
    const std::lock_guard lock(self->mutex_);
    if (--self->working_ == 0) self->wake_();
    self->detachWhenDrained();
  });
}

void WriteStream::process(uint32_t index) {
  Outcome outcome;
  std::optional<Damage> broken;
  uint8_t* data = slotData(index);
  uint64_t ringOffset = area_ ? area_->offset() + index * options_.slotBytes : 0;
  const SlotWork& work = slots_[index].work;
  for (const SourceRun& run : work.runs) {
    try {
      runSource(run, data, ringOffset, outcome);
    } catch (const Error& error) {
      for (const Piece& piece : run.pieces) noteDamage(piece, error, outcome);
    } catch (const std::exception& error) {
      broken = Damage{};
      broken->error = ownError("ENOMEM", "write", error.what());
    }
    data += run.slotBytes();
    ringOffset += run.slotBytes();
  }

  const std::lock_guard lock(mutex_);
  working_--;
  totals_.checkedBytes += outcome.checkedBytes;
  totals_.zeroBytes += outcome.zeroBytes;
  totals_.damagedPieces += outcome.damage.size();
  if (!outcome.damage.empty() && !options_.collectDamage) broken = outcome.damage.front();
  for (Damage& damage : outcome.damage) {
    if (totals_.damage.size() < kDamageKept) totals_.damage.push_back(std::move(damage));
  }
  if (broken) fail(std::move(*broken));
  if (failure_ || outcome.segments.empty() || portLost_) {
    finishSlot(index);
  } else {
    writing_++;
    slots_[index].writing = outcome.writtenBytes;
    const std::array transfer{Transfer{tagOf(client_, index), std::move(outcome.segments)}};
    port_->submit(Direction::kWrite, options_.disk, transfer);
  }
  detachWhenDrained();
}

void WriteStream::runSource(const SourceRun& run, uint8_t* data, uint64_t ringOffset, Outcome& outcome) {
  loadSource(run.source(), data);
  const Piece* checked = nullptr;
  bool good = false;
  for (const Piece& piece : run.pieces) {
    // Of zeros only the piece itself is in the slot.
    const uint8_t* chunk = data + (piece.zeros() ? 0 : piece.chunkOffset);
    const uint32_t inChunk = piece.zeros() ? 0 : piece.pieceOffset;
    const bool same = checked != nullptr && checked->chunkOffset == piece.chunkOffset &&
                      checked->chunkLength == piece.chunkLength && checked->digest == piece.digest;
    try {
      if (!same) {
        checked = &piece;
        good = false;
        checkChunk(piece, chunk);
        good = true;
        outcome.checkedBytes += piece.chunkLength;
      } else if (!good) {
        checkChunk(piece, chunk);
      }
    } catch (const Error& error) {
      noteDamage(piece, error, outcome);
      continue;
    }
    const uint8_t* bytes = chunk + inChunk;
    if (piece.skipZero() && (piece.zeros() || isZero(bytes, piece.pieceLength))) {
      outcome.zeroBytes += piece.pieceLength;
    } else if (port_ != nullptr) {
      outcome.writtenBytes += piece.pieceLength;
      addSegment(outcome.segments,
                 {ringOffset + static_cast<uint64_t>(bytes - data), piece.diskOffset, piece.pieceLength});
    }
  }
}

void WriteStream::loadSource(const Piece& source, uint8_t* data) {
  static thread_local FrameDecoder decoder;
  static thread_local std::vector<uint8_t> stored;
  if (source.zeros()) {
    std::memset(data, 0, source.pieceLength);
    return;
  }
  const int fd = options_.archives[source.archive];
  if (!source.isFrame()) return readArchive(fd, data, source.storedLength, source.fileOffset);
  if (source.storedLength > frameBound(options_.slotBytes)) {
    throw ownError(kDamagedFrame, "decode", "The frame is longer than its content could ever need.");
  }
  if (stored.size() < source.storedLength) stored.resize(source.storedLength);
  readArchive(fd, stored.data(), source.storedLength, source.fileOffset);
  decoder.decode(stored.data(), source.storedLength, data, source.decodedLength);
}

void WriteStream::checkChunk(const Piece& piece, const uint8_t* chunk) {
  static thread_local ZeroDigests zeroDigests;
  static thread_local std::vector<uint8_t> scratch;
  const bool same = piece.zeros() ? zeroDigests.of(piece.chunkLength) == piece.digest
                                  : blake3(chunk, piece.chunkLength, scratch) == piece.digest;
  if (!same) {
    throw ownError(kDigestMismatch, "digest",
                   "The data are not what was backed up: the digest differs. Verify the archive, and restore from "
                   "another restore point or copy.");
  }
}

void WriteStream::noteDamage(const Piece& piece, const Error& error, Outcome& outcome) const {
  outcome.damage.push_back({piece.archive, piece.fileOffset, piece.diskOffset, piece.pieceLength, error});
}

void WriteStream::completed(Completion completion) {
  const auto index = static_cast<uint32_t>(completion.tag);
  const std::lock_guard lock(mutex_);
  writing_--;
  if (completion.error) {
    Damage damage;
    damage.error = std::move(*completion.error);
    fail(std::move(damage));
  } else {
    totals_.writtenBytes += slots_[index].writing;
  }
  finishSlot(index);
  detachWhenDrained();
}

void WriteStream::portLost(const Error& error) {
  const std::lock_guard lock(mutex_);
  portLost_ = true;
  attached_ = false;
  writing_ = 0;
  Damage damage;
  damage.error = error;
  fail(std::move(damage));
  wake_();
}

void WriteStream::finishSlot(uint32_t index) {
  pending_ -= slots_[index].work.pieces;
  free_.push_back(index);
  pump();
  wake_();
}

void WriteStream::fail(Damage damage) {
  if (failure_) return;
  failure_ = std::move(damage);
  queue_.clear();
  wake_();
}

void WriteStream::detachWhenDrained() {
  if (!attached_ || working_ > 0 || writing_ > 0 || !queue_.empty() || (!finishing_ && !failure_)) return;
  attached_ = false;
  port_->detach(client_);
}

}  // namespace coldframe
