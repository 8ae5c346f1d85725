#include "disk_thread.h"

#include <array>
#include <atomic>
#include <utility>

#include "failures.h"

namespace coldframe {

namespace {

/// With scattered extents a slot is many requests; more than this at once help
/// no storage, and each costs the library memory.
constexpr unsigned kRequestsMax = 64;
/// A full house is refilled once it is half empty: not a wake for every request.
constexpr unsigned kRequestsRefill = kRequestsMax / 2;

}  // namespace

struct DiskThread::InFlight {
  DiskThread* owner;
  uint64_t tag;
  /// Requests not yet done, plus one for the submitting thread.
  std::atomic<size_t> left;
  std::mutex mutex;
  std::unique_ptr<Error> error;
};

DiskThread::DiskThread(Disk& disk, const Ring& ring, MessageSender& sender)
    : disk_(disk), ring_(ring), sender_(sender), thread_([this] { work(); }) {}

bool DiskThread::transfer(Direction direction, Transfer transfer) {
  return push({direction, std::move(transfer), std::nullopt});
}

bool DiskThread::flush(uint64_t tag) { return push({Direction::kWrite, {}, tag}); }

bool DiskThread::push(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void DiskThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void DiskThread::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) break;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    if (job.flushTag) {
      runFlush(*job.flushTag);
    } else {
      run(job);
    }
    lock.lock();
  }
  lock.unlock();
  disk_.drain();
  // drain() counts the library's requests; ours end a few instructions later.
  std::unique_lock counting(countMutex_);
  fewer_.wait(counting, [this] { return inUse_ == 0; });
}

void DiskThread::run(Job& job) {
  const std::vector<Segment>& segments = job.transfer.segments;
  auto* state = new InFlight{this, job.transfer.tag, segments.size() + 1, {}, nullptr};
  countSubmitting();
  size_t submitted = 0;
  std::unique_ptr<Error> refused;
  for (const Segment& segment : segments) {
    addRequest();
    try {
      IoRequest request;
      request.offset = segment.diskOffset;
      request.length = static_cast<uint32_t>(segment.length);
      request.buffer = ring_.at(segment.ringOffset, segment.length);
      request.done = onDone;
      request.context = state;
      if (request.buffer == nullptr || segment.length > UINT32_MAX) {
        throw ownError(kProtocol, "transfer", "A transfer lies outside the shared memory.");
      }
      if (job.direction == Direction::kRead) {
        disk_.submitRead(request);
      } else {
        disk_.submitWrite(request);
      }
      submitted++;
    } catch (const Error& error) {
      dropRequest();
      refused = boxed(error);
      break;
    }
  }
  // What was never submitted is done, and so is the submitting.
  const size_t unsubmitted = segments.size() - submitted;
  if (unsubmitted > 0) state->left.fetch_sub(unsubmitted);
  finishOne(state, std::move(refused));
}

void DiskThread::runFlush(uint64_t tag) {
  Bytes body;
  BodyWriter writer(body);
  MessageType type = MessageType::kReply;
  try {
    disk_.drain();
    disk_.flush();
    writer.record({});
  } catch (const Error& error) {
    type = MessageType::kFailure;
    writer.error(error);
  }
  sender_.send(type, tag, body);
}

// Keeps stop() waiting until the submitting itself is over.
void DiskThread::countSubmitting() {
  const std::lock_guard lock(countMutex_);
  inUse_++;
}

void DiskThread::addRequest() {
  std::unique_lock lock(countMutex_);
  if (inUse_ >= kRequestsMax) fewer_.wait(lock, [this] { return inUse_ <= kRequestsRefill; });
  inUse_++;
}

// Notifies under the lock: once it is open stop() may return and this object go.
void DiskThread::dropRequest() {
  const std::lock_guard lock(countMutex_);
  inUse_--;
  if (inUse_ == 0 || inUse_ == kRequestsRefill) fewer_.notify_all();
}

void DiskThread::onDone(void* context, std::unique_ptr<Error> error) {
  auto* state = static_cast<InFlight*>(context);
  state->owner->finishOne(state, std::move(error));
}

void DiskThread::finishOne(InFlight* state, std::unique_ptr<Error> error) {
  if (error) {
    const std::lock_guard lock(state->mutex);
    if (!state->error) state->error = std::move(error);
  }
  if (state->left.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    Completion completion{state->tag, std::nullopt};
    if (state->error) completion.error = std::move(*state->error);
    delete state;
    sender_.send(MessageType::kCompleted, 0, encodeCompletions(std::array{std::move(completion)}));
  }
  dropRequest();
}

}  // namespace coldframe
