// Sends messages from any thread without ever blocking one: the caller that
// finds the socket idle sends for all others, and a thread of the sender's own
// takes over while the socket is full.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "wire.h"

namespace coldframe {

class MessageSender {
 public:
  /// `fd` stays the caller's and must outlive the sender.
  explicit MessageSender(int fd);
  /// Drops what is unsent.
  ~MessageSender();
  MessageSender(const MessageSender&) = delete;
  MessageSender& operator=(const MessageSender&) = delete;

  /// After a broken connection messages are dropped; the reader sees the end.
  void send(MessageType type, uint64_t tag, const Bytes& body);
  /// Waits until everything is with the kernel, or the connection is broken.
  void flush();

 private:
  enum class Outcome : uint8_t { kEmpty, kFull, kBroken };
  Outcome sendPending(std::unique_lock<std::mutex>& lock);
  void finish(Outcome outcome);
  void waitAndSend();

  const int fd_;
  std::mutex mutex_;
  std::condition_variable stalledOrStopping_;
  std::condition_variable idle_;
  Bytes pending_;
  /// What one thread is sending at the moment, and how much of it has gone.
  Bytes sending_;
  size_t sent_ = 0;
  bool busy_ = false;
  bool stalled_ = false;
  bool broken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace coldframe
