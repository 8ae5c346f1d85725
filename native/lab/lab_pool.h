// The threads on which asynchronous requests complete.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "lab_disk.h"

namespace coldframe::lab {

class LabPool {
 public:
  struct Job {
    LabDisk* disk = nullptr;
    Transfer transfer{};
    abi::CompletionCallback* done = nullptr;
    void* context = nullptr;
    /// Completes with this instead of moving bytes, where it is not 0.
    uint64_t error = 0;
    /// Counted from the submission, so a latency limits only what is in flight.
    std::chrono::steady_clock::time_point due{};
  };

  LabPool();
  ~LabPool();
  LabPool(const LabPool&) = delete;
  LabPool& operator=(const LabPool&) = delete;

  void push(const Job& job);
  /// Returns when the disk has nothing outstanding.
  void wait(LabDisk& disk);
  uint32_t outstanding(LabDisk& disk);

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

/// True on a thread that is inside a completion, where no call is allowed.
bool insideCompletion();

/// Calls the completion with the mark set.
void complete(const LabPool::Job& job, uint64_t result);

}  // namespace coldframe::lab
