// The threads that digest, compress, decompress and feed: one pool for the
// process, as many threads as cores, at most four.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace coldframe {

class ComputePool {
 public:
  explicit ComputePool(unsigned threads = 0);
  /// Drops what is queued and joins the threads.
  ~ComputePool();
  ComputePool(const ComputePool&) = delete;
  ComputePool& operator=(const ComputePool&) = delete;

  using Job = std::function<void()>;
  /// Jobs must not throw. After the end they are dropped.
  void post(Job job);
  /// Before all others: for short jobs on which reads in flight depend.
  void postFirst(Job job);

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace coldframe
