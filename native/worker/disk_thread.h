// The one I/O thread of an open disk: takes transfers in order, keeps requests
// in flight, reports each transfer when its last request is done.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "data_port.h"
#include "disk.h"
#include "message_sender.h"
#include "ring.h"

namespace coldframe {

class DiskThread {
 public:
  /// The disk is used by this object alone until stop().
  DiskThread(Disk& disk, const Ring& ring, MessageSender& sender);
  ~DiskThread() { stop(); }
  DiskThread(const DiskThread&) = delete;
  DiskThread& operator=(const DiskThread&) = delete;

  /// False after stop(): nothing will come of it.
  bool transfer(Direction direction, Transfer transfer);
  /// Replies with the tag once everything queued before is done and durable.
  /// False after stop().
  bool flush(uint64_t tag);
  /// Finishes what is queued and joins. Blocks as long as the disk does.
  void stop();

 private:
  struct Job {
    Direction direction = Direction::kRead;
    Transfer transfer;
    std::optional<uint64_t> flushTag;
  };
  struct InFlight;

  void work();
  void run(Job& job);
  void runFlush(uint64_t tag);
  bool push(Job job);
  void countSubmitting();
  void addRequest();
  void dropRequest();
  static void onDone(void* context, std::unique_ptr<Error> error);
  void finishOne(InFlight* state, std::unique_ptr<Error> error);

  Disk& disk_;
  const Ring& ring_;
  MessageSender& sender_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  /// Requests and transfers that still use this object.
  std::mutex countMutex_;
  std::condition_variable fewer_;
  unsigned inUse_ = 0;
  std::thread thread_;
};

}  // namespace coldframe
