// The parent's end of a disk worker: socket, ring, and the thread that hands
// replies and completions to whoever waits for them.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "data_port.h"
#include "file_descriptor.h"
#include "message_sender.h"

namespace coldframe {

struct Reply {
  uint64_t tag = 0;
  std::optional<Record> record;
  std::optional<Error> error;
};

class WorkerLink final : public DataPort {
 public:
  struct Events {
    /// On the link's thread.
    std::function<void(Reply)> reply;
    /// Once, when the worker has closed its end.
    std::function<void()> closed;
  };

  /// Throws Error.
  explicit WorkerLink(Events events);
  ~WorkerLink() override;
  WorkerLink(const WorkerLink&) = delete;
  WorkerLink& operator=(const WorkerLink&) = delete;

  /// What the worker inherits. Closed by closeChildEnds() after the spawn.
  int childSocket() const { return childSocket_.get(); }
  int ringFd() const { return ring_->fd(); }
  void closeChildEnds() { childSocket_.reset(); }

  void order(uint64_t tag, const std::string& name, const Record& record);
  /// Ends the connection; the worker exits by itself. Clients are told.
  void close();

  uint32_t attach(std::shared_ptr<DataClient> client) override;
  void detach(uint32_t client) override;
  void submit(Direction direction, uint32_t disk, std::span<const Transfer> transfers) override;
  std::shared_ptr<RingArea> takeArea(size_t bytes) override { return areas_->take(bytes); }

 private:
  void readMessages();
  void dispatch(const Message& message);
  void lose(const Error& error);

  const Events events_;
  const std::shared_ptr<Ring> ring_;
  const std::shared_ptr<RingAreas> areas_;
  FileDescriptor childSocket_;
  FileDescriptor socket_;
  std::mutex mutex_;
  std::map<uint32_t, std::shared_ptr<DataClient>> clients_;
  uint32_t nextClient_ = 1;
  std::optional<Error> lost_;
  std::optional<MessageSender> sender_;
  std::thread reader_;
};

}  // namespace coldframe
