// The way of a disk's bytes up: extents -> slots read by the worker -> zero
// test, digest, frame on the compute pool -> handed out in disk order.
//
// A slot's life: free -> reading -> working -> ready -> held (by the consumer)
// -> free. Free slots are the only thing that a read waits for: memory is
// bounded, and a slow consumer slows the disk.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "chunk_packer.h"
#include "compute_pool.h"
#include "data_port.h"
#include "read_window.h"

namespace coldframe {

struct ReadOptions {
  uint32_t disk = 0;
  std::vector<double> extents;
  uint64_t chunkBytes = 1024 * 1024;
  uint64_t slotBytes = 1024 * 1024;
  /// Most slots being read at once, 4 to 32. How many really are follows the source.
  unsigned depth = 32;
  /// zstd level; none: no frames.
  std::optional<int> compressLevel;
};

/// A slot in the consumer's hands until release(index).
struct HeldSlot {
  uint32_t index = 0;
  /// Offsets into the stream's area.
  size_t dataStart = 0;
  size_t dataBytes = 0;
  size_t frameStart = 0;
  /// 0 where no frame was asked for.
  size_t frameBytes = 0;
  bool allZero = false;
  std::vector<Chunk> chunks;
};

class ReadStream final : public DataClient, public std::enable_shared_from_this<ReadStream> {
 public:
  /// `wake` may be called from any thread, also once after the end. Throws Error.
  static std::shared_ptr<ReadStream> start(DataPort& port, ComputePool& pool, ReadOptions options,
                                           std::function<void()> wake);

  enum class State : uint8_t { kRunning, kEnded, kFailed };

  /// Moves up to `max` ready slots to `out`, in disk order. Slots that were ready
  /// before a failure are dropped.
  State take(size_t max, std::vector<HeldSlot>& out);
  /// After kFailed.
  const Error& failure() const { return *failure_; }
  void release(uint32_t index);
  /// No more reads; what is in flight finishes by itself. Held slots stay valid.
  void abort();

  const std::shared_ptr<RingArea>& area() const { return area_; }

  void completed(Completion completion) override;
  void portLost(const Error& error) override;

 private:
  struct Slot {
    SlotPlan plan;
    size_t frameBytes = 0;
    bool allZero = false;
    bool ready = false;
  };

  ReadStream(DataPort& port, ComputePool& pool, ReadOptions options, std::function<void()> wake);
  void scheduleFeed();
  void feed();
  void process(uint32_t index);
  size_t buildSlot(Slot& slot, uint8_t* data);
  void fail(Error error);
  void detachWhenDrained();
  bool stopped() const { return failure_.has_value(); }

  DataPort& port_;
  ComputePool& pool_;
  const uint32_t disk_;
  const std::optional<int> compressLevel_;
  const size_t slotBytes_;
  const size_t frameRoom_;
  const std::function<void()> wake_;
  std::shared_ptr<RingArea> area_;

  std::mutex mutex_;
  ReadWindow window_;
  ChunkPacker packer_;
  std::vector<Slot> slots_;
  /// Last released first: its pages are the warmest.
  std::vector<uint32_t> free_;
  /// Slots on their way, in disk order.
  std::deque<uint32_t> order_;
  unsigned reading_ = 0;
  bool exhausted_ = false;
  bool feedScheduled_ = false;
  bool attached_ = false;
  bool portLost_ = false;
  uint32_t client_ = 0;
  std::optional<Error> failure_;
};

}  // namespace coldframe
