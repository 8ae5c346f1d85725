// A few threads that run queued reads and writes of one disk, first come first
// served. The queue is unbounded: the caller's buffers bound it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "disk.h"

namespace coldframe {

class IoPool {
 public:
  struct Job {
    IoRequest request;
    bool write = false;
  };

  /// `run` does one job and reports through its `done`; it must not throw.
  IoPool(unsigned threads, std::function<void(const Job&)> run);
  /// Finishes what is queued, then joins the threads.
  ~IoPool();
  IoPool(const IoPool&) = delete;
  IoPool& operator=(const IoPool&) = delete;

  void push(const Job& job);
  /// Returns when every job pushed so far has been run.
  void drain();

 private:
  void work();

  const std::function<void(const Job&)> run_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::deque<Job> queue_;
  size_t running_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace coldframe
