#include "message_sender.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace coldframe {

MessageSender::MessageSender(int fd) : fd_(fd), thread_([this] { waitAndSend(); }) {}

MessageSender::~MessageSender() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stalledOrStopping_.notify_all();
  thread_.join();
}

void MessageSender::send(MessageType type, uint64_t tag, const Bytes& body) {
  std::unique_lock lock(mutex_);
  if (broken_) return;
  appendMessage(pending_, type, tag, body);
  if (busy_) return;
  busy_ = true;
  finish(sendPending(lock));
}

void MessageSender::flush() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return !busy_ || broken_; });
}

// Called by the one thread that has set busy_.
MessageSender::Outcome MessageSender::sendPending(std::unique_lock<std::mutex>& lock) {
  for (;;) {
    if (sent_ == sending_.size()) {
      sending_.clear();
      sent_ = 0;
      if (pending_.empty()) return Outcome::kEmpty;
      std::swap(sending_, pending_);
    }
    lock.unlock();
    const ssize_t count =
        ::send(fd_, sending_.data() + sent_, sending_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    const int number = errno;
    lock.lock();
    if (count >= 0) {
      sent_ += static_cast<size_t>(count);
    } else if (number == EAGAIN || number == EWOULDBLOCK) {
      return Outcome::kFull;
    } else if (number != EINTR) {
      return Outcome::kBroken;
    }
  }
}

void MessageSender::finish(Outcome outcome) {
  if (outcome == Outcome::kFull) {
    stalled_ = true;
    stalledOrStopping_.notify_all();
    return;
  }
  broken_ = broken_ || outcome == Outcome::kBroken;
  if (broken_) pending_.clear();
  busy_ = false;
  idle_.notify_all();
}

void MessageSender::waitAndSend() {
  // Short, so that a stop is noticed although the other side never reads.
  constexpr int kPollMs = 100;
  std::unique_lock lock(mutex_);
  for (;;) {
    stalledOrStopping_.wait(lock, [this] { return stalled_ || stopping_; });
    if (stopping_) return;
    lock.unlock();
    struct pollfd waiting {fd_, POLLOUT, 0};
    const int ready = ::poll(&waiting, 1, kPollMs);
    lock.lock();
    if (ready <= 0) continue;
    stalled_ = false;
    finish(sendPending(lock));
  }
}

}  // namespace coldframe
