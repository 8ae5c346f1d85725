#include "read_stream.h"

#include <algorithm>
#include <utility>

#include "failures.h"
#include "frame.h"
#include "zero.h"

namespace coldframe {

namespace {

/// Half as many slots again as are being read, for the compute threads and the
/// consumer. More would only push the bytes out of the processor's cache.
size_t slotCount(unsigned depth) { return depth + depth / 2; }

unsigned depthOf(const ReadOptions& options) { return std::clamp(options.depth, 4U, 32U); }

}  // namespace

std::shared_ptr<ReadStream> ReadStream::start(DataPort& port, ComputePool& pool, ReadOptions options,
                                              std::function<void()> wake) {
  std::shared_ptr<ReadStream> stream(new ReadStream(port, pool, std::move(options), std::move(wake)));
  const uint32_t client = port.attach(stream);
  const std::lock_guard lock(stream->mutex_);
  stream->client_ = client;
  stream->attached_ = !stream->portLost_;
  stream->scheduleFeed();
  return stream;
}

ReadStream::ReadStream(DataPort& port, ComputePool& pool, ReadOptions options, std::function<void()> wake)
    : port_(port),
      pool_(pool),
      disk_(options.disk),
      compressLevel_(options.compressLevel),
      slotBytes_(options.slotBytes),
      frameRoom_(options.compressLevel ? roundToPages(frameBound(options.slotBytes)) : 0),
      wake_(std::move(wake)),
      window_(depthOf(options), ReadWindow::Clock::now()),
      packer_(std::move(options.extents), options.chunkBytes, options.slotBytes) {
  const size_t stride = slotBytes_ + frameRoom_;
  slots_.resize(slotCount(depthOf(options)));
  area_ = port.takeArea(slots_.size() * stride);
  for (size_t i = slots_.size(); i-- > 0;) free_.push_back(static_cast<uint32_t>(i));
}

// On the pool and not on the caller's thread: releases come one by one, and
// this gathers them into one message.
void ReadStream::scheduleFeed() {
  if (feedScheduled_ || exhausted_ || stopped() || free_.empty() || reading_ >= window_.size()) return;
  feedScheduled_ = true;
  pool_.postFirst([self = shared_from_this()] { self->feed(); });
}

void ReadStream::feed() {
  const std::lock_guard lock(mutex_);
  feedScheduled_ = false;
  std::vector<Transfer> transfers;
  while (!exhausted_ && !stopped() && !free_.empty() && reading_ < window_.size()) {
    const uint32_t index = free_.back();
    Slot& slot = slots_[index];
    if (!packer_.next(slot.plan)) {
      exhausted_ = true;
      break;
    }
    free_.pop_back();
    order_.push_back(index);
    reading_++;
    Transfer transfer{tagOf(client_, index), {}};
    uint64_t at = area_->offset() + index * (slotBytes_ + frameRoom_);
    for (const Extent& read : slot.plan.reads) {
      transfer.segments.push_back({at, read.offset, read.length});
      at += read.length;
    }
    transfers.push_back(std::move(transfer));
  }
  if (!transfers.empty()) port_.submit(Direction::kRead, disk_, transfers);
  detachWhenDrained();
  if (exhausted_ && order_.empty()) wake_();
}

void ReadStream::completed(Completion completion) {
  const auto index = static_cast<uint32_t>(completion.tag);
  const std::lock_guard lock(mutex_);
  reading_--;
  if (completion.error) {
    fail(std::move(*completion.error));
  } else if (!stopped()) {
    pool_.post([self = shared_from_this(), index] { self->process(index); });
    // This one is all that waits there.
    window_.completed(order_.size() - reading_ <= 1, ReadWindow::Clock::now());
    scheduleFeed();
  }
  detachWhenDrained();
}

void ReadStream::portLost(const Error& error) {
  const std::lock_guard lock(mutex_);
  portLost_ = true;
  attached_ = false;
  // With all read the worker is not needed any more.
  if (!exhausted_ || reading_ > 0) fail(error);
  reading_ = 0;
}

void ReadStream::process(uint32_t index) {
  Slot& slot = slots_[index];
  uint8_t* data = area_->data() + index * (slotBytes_ + frameRoom_);
  std::optional<Error> error;
  size_t frameBytes = 0;
  try {
    frameBytes = buildSlot(slot, data);
  } catch (const Error& caught) {
    error = caught;
  } catch (const std::exception& caught) {
    error = ownError("ENOMEM", "digest", caught.what());
  }
  const std::lock_guard lock(mutex_);
  if (error) return fail(std::move(*error));
  slot.frameBytes = frameBytes;
  slot.ready = true;
  if (!order_.empty() && order_.front() == index) wake_();
}

size_t ReadStream::buildSlot(Slot& slot, uint8_t* data) {
  static thread_local ZeroDigests zeroDigests;
  static thread_local std::vector<uint8_t> scratch;
  static thread_local FrameEncoder encoder;
  const uint8_t* at = data;
  slot.allZero = true;
  for (Chunk& chunk : slot.plan.chunks) {
    chunk.allZero = isZero(at, chunk.length);
    chunk.digest = chunk.allZero ? zeroDigests.of(chunk.length) : blake3(at, chunk.length, scratch);
    slot.allZero = slot.allZero && chunk.allZero;
    at += chunk.length;
  }
  if (!compressLevel_) return 0;
  return encoder.encode(data, slot.plan.bytes, *compressLevel_, data + slotBytes_, frameRoom_);
}

ReadStream::State ReadStream::take(size_t max, std::vector<HeldSlot>& out) {
  const std::lock_guard lock(mutex_);
  if (stopped()) return State::kFailed;
  while (!order_.empty() && slots_[order_.front()].ready && out.size() < max) {
    const uint32_t index = order_.front();
    order_.pop_front();
    Slot& slot = slots_[index];
    const size_t start = index * (slotBytes_ + frameRoom_);
    out.push_back({index, start, slot.plan.bytes, start + slotBytes_, slot.frameBytes, slot.allZero,
                   std::move(slot.plan.chunks)});
  }
  return exhausted_ && order_.empty() && out.empty() ? State::kEnded : State::kRunning;
}

void ReadStream::release(uint32_t index) {
  const std::lock_guard lock(mutex_);
  slots_[index].ready = false;
  free_.push_back(index);
  scheduleFeed();
}

void ReadStream::abort() {
  const std::lock_guard lock(mutex_);
  fail(ownError(kCancelled, "read", "The read was cancelled."));
  detachWhenDrained();
}

void ReadStream::fail(Error error) {
  if (stopped()) return;
  failure_ = std::move(error);
  wake_();
}

// The link holds the stream until then, so that a worker that still writes into
// a slot never writes into another stream's.
void ReadStream::detachWhenDrained() {
  if (!attached_ || reading_ > 0 || (!exhausted_ && !stopped())) return;
  attached_ = false;
  port_.detach(client_);
}

}  // namespace coldframe
