// A disk in memory behind a DataPort: completes on a thread of its own, in a
// shuffled order, and can fail, stall and get lost.
#pragma once

#include <condition_variable>
#include <functional>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "../pipeline/data_port.h"

namespace coldframe::test {

class MemoryPort final : public DataPort {
 public:
  explicit MemoryPort(std::vector<uint8_t> disk);
  ~MemoryPort() override;

  uint32_t attach(std::shared_ptr<DataClient> client) override;
  void detach(uint32_t client) override;
  void submit(Direction direction, uint32_t disk, std::span<const Transfer> transfers) override;
  std::shared_ptr<RingArea> takeArea(size_t bytes) override { return areas_->take(bytes); }

  /// The transfer that covers this byte of the disk fails.
  void failAt(uint64_t offset);
  /// Nothing completes until resume().
  void stall();
  void resume();
  /// As when the worker dies.
  void lose();

  std::vector<uint8_t> disk();
  size_t clients();
  size_t waiting();
  /// The most transfers that ever waited at once.
  size_t mostWaiting();

 private:
  struct Job {
    Direction direction;
    Transfer transfer;
  };
  void work();
  std::optional<Error> move(const Job& job);

  std::shared_ptr<Ring> ring_ = Ring::create(size_t{256} << 20);
  std::shared_ptr<RingAreas> areas_ = std::make_shared<RingAreas>(ring_);
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<uint8_t> disk_;
  std::map<uint32_t, std::shared_ptr<DataClient>> clients_;
  std::vector<Job> jobs_;
  std::set<uint64_t> failures_;
  std::mt19937 random_{1};
  uint32_t next_ = 1;
  size_t most_ = 0;
  bool stalled_ = false;
  bool lost_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

/// Waits for wakes of a stream.
class Bell {
 public:
  void ring();
  /// Waits until `met`, looking again at every ring; fails the test after 20 s.
  void waitUntil(const std::function<bool()>& met);

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  uint64_t rings_ = 0;
};

}  // namespace coldframe::test
