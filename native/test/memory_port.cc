#include "memory_port.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "../core/failures.h"
#include "harness.h"

namespace coldframe::test {

MemoryPort::MemoryPort(std::vector<uint8_t> disk) : disk_(std::move(disk)), thread_([this] { work(); }) {}

MemoryPort::~MemoryPort() {
  lose();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

uint32_t MemoryPort::attach(std::shared_ptr<DataClient> client) {
  const std::lock_guard lock(mutex_);
  clients_.emplace(next_, std::move(client));
  return next_++;
}

void MemoryPort::detach(uint32_t client) {
  std::shared_ptr<DataClient> dropped;
  const std::lock_guard lock(mutex_);
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  dropped = std::move(found->second);
  clients_.erase(found);
}

void MemoryPort::submit(Direction direction, uint32_t, std::span<const Transfer> transfers) {
  {
    const std::lock_guard lock(mutex_);
    for (const Transfer& transfer : transfers) jobs_.push_back({direction, transfer});
    most_ = std::max(most_, jobs_.size());
  }
  wake_.notify_all();
}

void MemoryPort::failAt(uint64_t offset) {
  const std::lock_guard lock(mutex_);
  failures_.insert(offset);
}

void MemoryPort::stall() {
  const std::lock_guard lock(mutex_);
  stalled_ = true;
}

void MemoryPort::resume() {
  {
    const std::lock_guard lock(mutex_);
    stalled_ = false;
  }
  wake_.notify_all();
}

void MemoryPort::lose() {
  std::map<uint32_t, std::shared_ptr<DataClient>> clients;
  {
    const std::lock_guard lock(mutex_);
    lost_ = true;
    jobs_.clear();
    clients.swap(clients_);
  }
  for (const auto& [number, client] : clients) client->portLost(ownError(kWorkerGone, "port", "gone"));
}

std::vector<uint8_t> MemoryPort::disk() {
  const std::lock_guard lock(mutex_);
  return disk_;
}

size_t MemoryPort::clients() {
  const std::lock_guard lock(mutex_);
  return clients_.size();
}

size_t MemoryPort::waiting() {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

size_t MemoryPort::mostWaiting() {
  const std::lock_guard lock(mutex_);
  return most_;
}

void MemoryPort::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || (!jobs_.empty() && !stalled_); });
    if (stopping_) return;
    std::swap(jobs_[random_() % jobs_.size()], jobs_.back());
    const Job job = std::move(jobs_.back());
    jobs_.pop_back();
    std::optional<Error> error = move(job);
    const auto found = clients_.find(static_cast<uint32_t>(job.transfer.tag >> 32));
    if (found == clients_.end()) continue;
    const std::shared_ptr<DataClient> client = found->second;
    lock.unlock();
    client->completed({job.transfer.tag, std::move(error)});
    lock.lock();
  }
}

std::optional<Error> MemoryPort::move(const Job& job) {
  for (const Segment& segment : job.transfer.segments) {
    uint8_t* memory = ring_->at(segment.ringOffset, segment.length);
    if (memory == nullptr || segment.diskOffset + segment.length > disk_.size()) {
      return ownError(kOutOfRange, "port", "outside");
    }
    for (const uint64_t offset : failures_) {
      if (offset >= segment.diskOffset && offset < segment.diskOffset + segment.length) {
        return systemError(EIO, "pread", "memory");
      }
    }
    if (job.direction == Direction::kRead) {
      std::memcpy(memory, disk_.data() + segment.diskOffset, segment.length);
    } else {
      std::memcpy(disk_.data() + segment.diskOffset, memory, segment.length);
    }
  }
  return std::nullopt;
}

void Bell::ring() {
  {
    const std::lock_guard lock(mutex_);
    rings_++;
  }
  wake_.notify_all();
}

void Bell::waitUntil(const std::function<bool()>& met) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (;;) {
    uint64_t seen;
    {
      const std::lock_guard lock(mutex_);
      seen = rings_;
    }
    if (met()) return;
    std::unique_lock lock(mutex_);
    if (!wake_.wait_until(lock, deadline, [&] { return rings_ != seen; })) {
      fail(__FILE__, __LINE__, "the stream never woke its consumer");
    }
  }
}

}  // namespace coldframe::test
