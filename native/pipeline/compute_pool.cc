#include "compute_pool.h"

#include <algorithm>
#include <utility>

namespace coldframe {

ComputePool::ComputePool(unsigned threads) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const unsigned count = threads > 0 ? threads : std::min(cores, 4U);
  for (unsigned i = 0; i < count; i++) threads_.emplace_back([this] { work(); });
}

ComputePool::~ComputePool() {
  std::deque<Job> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ComputePool::post(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void ComputePool::postFirst(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    queue_.push_front(std::move(job));
  }
  wake_.notify_one();
}

void ComputePool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    {
      const Job job = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      job();
    }
    lock.lock();
  }
}

}  // namespace coldframe
