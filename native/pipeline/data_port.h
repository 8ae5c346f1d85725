// How a stream reaches a disk: the link to the worker, or a stand-in in tests.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "ring.h"
#include "wire.h"

namespace coldframe {

/// Gets the completions of its own transfers, on any thread, one call at a time.
class DataClient {
 public:
  virtual ~DataClient() = default;
  virtual void completed(Completion completion) = 0;
  /// Nothing will complete any more.
  virtual void portLost(const Error& error) = 0;
};

enum class Direction : uint8_t { kRead, kWrite };

/// Outlives its use: a client never touches it again after portLost(), which it
/// gets at the latest while the port is being destroyed.
class DataPort {
 public:
  virtual ~DataPort() = default;

  /// Keeps the client alive until detach(). Returns its number, the upper 32 bits
  /// of all its tags. A lost port says so to the client at once.
  virtual uint32_t attach(std::shared_ptr<DataClient> client) = 0;
  /// Only with nothing in flight; from any thread, from inside completed() too.
  virtual void detach(uint32_t client) = 0;
  /// Never blocks, never calls back before it returns.
  virtual void submit(Direction direction, uint32_t disk, std::span<const Transfer> transfers) = 0;
  virtual std::shared_ptr<RingArea> takeArea(size_t bytes) = 0;
};

constexpr uint64_t tagOf(uint32_t client, uint32_t slot) { return (static_cast<uint64_t>(client) << 32) | slot; }

inline constexpr const char* kWorkerGone = "COLDFRAME_WORKER_GONE";
inline constexpr const char* kCancelled = "COLDFRAME_CANCELLED";

}  // namespace coldframe
