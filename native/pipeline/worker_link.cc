#include "worker_link.h"

#include <string.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "failures.h"

namespace coldframe {

namespace {

// Sparse: room for the streams of one worker, not memory.
constexpr size_t kRingBytes = size_t{1} << 30;

Error gone(const std::string& why) {
  Error error = ownError(kWorkerGone, "disk-worker", "The disk worker is gone" + why + ".");
  error.retry = Retry::kReconnect;
  return error;
}

}  // namespace

WorkerLink::WorkerLink(Events events)
    : events_(std::move(events)), ring_(Ring::create(kRingBytes)), areas_(std::make_shared<RingAreas>(ring_)) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) throw systemError(errno, "socketpair", "");
  socket_ = FileDescriptor(pair[0]);
  childSocket_ = FileDescriptor(pair[1]);
  sender_.emplace(socket_.get());
  reader_ = std::thread([this] { readMessages(); });
}

WorkerLink::~WorkerLink() {
  close();
  reader_.join();
}

void WorkerLink::close() {
  childSocket_.reset();
  ::shutdown(socket_.get(), SHUT_RDWR);
}

void WorkerLink::order(uint64_t tag, const std::string& name, const Record& record) {
  Bytes body;
  BodyWriter writer(body);
  writer.text(name);
  writer.record(record);
  sender_->send(MessageType::kOrder, tag, body);
  // It may have held a password.
  ::explicit_bzero(body.data(), body.size());
}

uint32_t WorkerLink::attach(std::shared_ptr<DataClient> client) {
  std::optional<Error> lost;
  uint32_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = nextClient_++;
    lost = lost_;
    if (!lost) clients_.emplace(number, client);
  }
  if (lost) client->portLost(*lost);
  return number;
}

void WorkerLink::detach(uint32_t client) {
  std::shared_ptr<DataClient> dropped;
  const std::lock_guard lock(mutex_);
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  dropped = std::move(found->second);
  clients_.erase(found);
}

void WorkerLink::submit(Direction direction, uint32_t disk, std::span<const Transfer> transfers) {
  if (transfers.empty()) return;
  const MessageType type = direction == Direction::kRead ? MessageType::kRead : MessageType::kWrite;
  sender_->send(type, 0, encodeTransfers(disk, transfers));
}

void WorkerLink::readMessages() {
  MessageCutter cutter;
  try {
    for (;;) {
      while (const std::optional<Message> message = cutter.next()) dispatch(*message);
      const std::span<uint8_t> room = cutter.room();
      const ssize_t count = ::recv(socket_.get(), room.data(), room.size(), 0);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      cutter.added(static_cast<size_t>(count));
    }
    lose(gone(""));
  } catch (const Error& error) {
    close();
    lose(gone(": " + error.text));
  }
  if (events_.closed) events_.closed();
}

void WorkerLink::dispatch(const Message& message) {
  switch (message.type) {
    case MessageType::kReply: {
      BodyReader reader(message.body);
      events_.reply({message.tag, reader.record(), std::nullopt});
      return;
    }
    case MessageType::kFailure: {
      BodyReader reader(message.body);
      events_.reply({message.tag, std::nullopt, reader.error()});
      return;
    }
    case MessageType::kCompleted:
      for (Completion& completion : decodeCompletions(message.body)) {
        std::shared_ptr<DataClient> client;
        {
          const std::lock_guard lock(mutex_);
          const auto found = clients_.find(static_cast<uint32_t>(completion.tag >> 32));
          if (found != clients_.end()) client = found->second;
        }
        if (client) client->completed(std::move(completion));
      }
      return;
    default: throw ownError(kProtocol, "message", "the worker sent an unknown message");
  }
}

void WorkerLink::lose(const Error& error) {
  std::map<uint32_t, std::shared_ptr<DataClient>> clients;
  {
    const std::lock_guard lock(mutex_);
    lost_ = error;
    clients.swap(clients_);
  }
  for (const auto& [number, client] : clients) client->portLost(error);
}

}  // namespace coldframe
