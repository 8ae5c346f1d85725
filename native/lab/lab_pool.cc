#include "lab_pool.h"

namespace coldframe::lab {

namespace {

constexpr unsigned kThreads = 16;

thread_local bool completing = false;

}  // namespace

bool insideCompletion() { return completing; }

void complete(const LabPool::Job& job, uint64_t result) {
  completing = true;
  job.done(job.context, result);
  completing = false;
}

LabPool::LabPool() {
  for (unsigned i = 0; i < kThreads; i++) threads_.emplace_back([this] { work(); });
}

LabPool::~LabPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void LabPool::push(const Job& job) {
  {
    const std::lock_guard lock(mutex_);
    job.disk->outstanding++;
    queue_.push_back(job);
  }
  wake_.notify_one();
}

void LabPool::wait(LabDisk& disk) {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [&disk] { return disk.outstanding == 0; });
}

uint32_t LabPool::outstanding(LabDisk& disk) {
  const std::lock_guard lock(mutex_);
  return disk.outstanding;
}

void LabPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Job job = queue_.front();
    queue_.pop_front();
    lock.unlock();
    // All latencies are the same, so the first in the queue is the first due.
    std::this_thread::sleep_until(job.due);
    complete(job, job.error != 0 ? job.error : runTransfer(*job.disk, job.transfer));
    lock.lock();
    if (--job.disk->outstanding == 0) idle_.notify_all();
  }
}

}  // namespace coldframe::lab
