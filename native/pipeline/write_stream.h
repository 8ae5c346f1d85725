// The way of bytes down: pieces of archives -> read, decoded and their digests
// compared on the compute pool -> written to the disk by the worker. Without a
// port the same machinery only verifies.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "compute_pool.h"
#include "data_port.h"
#include "piece.h"

namespace coldframe {

inline constexpr const char* kDigestMismatch = "COLDFRAME_DIGEST_MISMATCH";
inline constexpr const char* kShortArchive = "COLDFRAME_SHORT_ARCHIVE";

struct WriteOptions {
  uint32_t disk = 0;
  /// Open for reading; they stay the caller's.
  std::vector<int> archives;
  size_t slotBytes = 1024 * 1024;
  unsigned depth = 16;
  /// Note damaged pieces, write the others, and go on.
  bool collectDamage = false;
};

struct Damage {
  static constexpr uint32_t kNoArchive = UINT32_MAX;
  /// kNoArchive where the disk failed and not an archive.
  uint32_t archive = kNoArchive;
  uint64_t fileOffset = 0;
  uint64_t diskOffset = 0;
  uint64_t length = 0;
  Error error;
};

struct WriteTotals {
  uint64_t checkedBytes = 0;
  uint64_t writtenBytes = 0;
  uint64_t zeroBytes = 0;
  std::vector<Damage> damage;
  uint64_t damagedPieces = 0;
};

class WriteStream final : public DataClient, public std::enable_shared_from_this<WriteStream> {
 public:
  /// `port` null: verify only. `wake` may be called from any thread. Throws Error.
  static std::shared_ptr<WriteStream> start(DataPort* port, ComputePool& pool, WriteOptions options,
                                            std::function<void()> wake);

  /// Throws Error for rows that make no sense; nothing of them is done then.
  void push(std::span<const uint8_t> rows);
  /// Pieces that are not done yet.
  size_t pending();
  /// No thread uses the archives and, unless the stream failed, nothing is on
  /// its way to the disk.
  bool idle();
  /// The first failure, and the damage that caused it where it was in an archive.
  std::optional<Damage> failure();
  WriteTotals totals();
  /// Drops what is queued; what is in flight finishes by itself.
  void abort();
  /// Everything has been pushed: lets go of the port once idle.
  void finish();

  void completed(Completion completion) override;
  void portLost(const Error& error) override;

 private:
  struct Outcome;
  struct Slot {
    SlotWork work;
    uint64_t writing = 0;
  };

  WriteStream(DataPort* port, ComputePool& pool, WriteOptions options, std::function<void()> wake);
  uint8_t* slotData(uint32_t index);
  void pump();
  void readAhead(const SlotWork& work);
  void process(uint32_t index);
  void runSource(const SourceRun& run, uint8_t* data, uint64_t ringOffset, Outcome& outcome);
  void loadSource(const Piece& source, uint8_t* data);
  void checkChunk(const Piece& piece, const uint8_t* chunk);
  void noteDamage(const Piece& piece, const Error& error, Outcome& outcome) const;
  void finishSlot(uint32_t index);
  void fail(Damage damage);
  void detachWhenDrained();

  DataPort* const port_;
  ComputePool& pool_;
  const WriteOptions options_;
  const std::function<void()> wake_;
  std::shared_ptr<RingArea> area_;
  /// Slots where there is no ring.
  std::vector<uint8_t> memory_;

  std::mutex mutex_;
  std::deque<SlotWork> queue_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  size_t pending_ = 0;
  unsigned working_ = 0;
  unsigned writing_ = 0;
  bool finishing_ = false;
  bool attached_ = false;
  bool portLost_ = false;
  uint32_t client_ = 0;
  std::optional<Damage> failure_;
  WriteTotals totals_;
};

}  // namespace coldframe
