#include "io_pool.h"

#include <algorithm>
#include <utility>

namespace coldframe {

IoPool::IoPool(unsigned threads, std::function<void(const Job&)> run) : run_(std::move(run)) {
  const unsigned count = std::clamp(threads, 1U, 64U);
  threads_.reserve(count);
  for (unsigned i = 0; i < count; i++) threads_.emplace_back([this] { work(); });
}

IoPool::~IoPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void IoPool::push(const Job& job) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(job);
  }
  wake_.notify_one();
}

void IoPool::drain() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return queue_.empty() && running_ == 0; });
}

void IoPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Job job = queue_.front();
    queue_.pop_front();
    running_++;
    lock.unlock();
    run_(job);
    lock.lock();
    running_--;
    if (running_ == 0 && queue_.empty()) idle_.notify_all();
  }
}

}  // namespace coldframe
