#include "inbox.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "failures.h"

namespace coldframe {

Inbox::Inbox(int socket, Orders& orders, MessageSender& sender)
    : socket_(socket), orders_(orders), sender_(sender), thread_([this] { read(); }) {}

Inbox::~Inbox() { thread_.join(); }

std::optional<Order> Inbox::wait() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return ended_ || !queue_.empty(); });
  // Orders of a parent that has gone are not carried out.
  if (ended_) return std::nullopt;
  Order order = std::move(queue_.front());
  queue_.pop_front();
  return order;
}

void Inbox::read() {
  MessageCutter cutter;
  try {
    for (;;) {
      while (const std::optional<Message> message = cutter.next()) dispatch(*message);
      const std::span<uint8_t> room = cutter.room();
      const ssize_t count = ::recv(socket_, room.data(), room.size(), 0);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      cutter.added(static_cast<size_t>(count));
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "worker error: %s\n", error.text.c_str());
    ::shutdown(socket_, SHUT_RDWR);
  }
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_all();
}

void Inbox::dispatch(const Message& message) {
  switch (message.type) {
    case MessageType::kRead: return transfer(Direction::kRead, message);
    case MessageType::kWrite: return transfer(Direction::kWrite, message);
    case MessageType::kOrder: break;
    default: throw ownError(kProtocol, "message", "The parent sent an unknown message.");
  }
  BodyReader reader(message.body);
  Order order;
  order.tag = message.tag;
  order.name = reader.text();
  order.fields = reader.record();
  if (order.name == "flush") return flush(order);
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(order));
  }
  wake_.notify_all();
}

void Inbox::transfer(Direction direction, const Message& message) {
  TransferBatch batch = decodeTransfers(message.body);
  const std::shared_ptr<DiskThread> thread = orders_.threadOf(batch.disk);
  for (Transfer& transfer : batch.transfers) {
    const uint64_t tag = transfer.tag;
    if (thread && thread->transfer(direction, std::move(transfer))) continue;
    Completion refused{tag, ownError(kClosed, "transfer", "The disk is closed.")};
    sender_.send(MessageType::kCompleted, 0, encodeCompletions(std::array{std::move(refused)}));
  }
}

// Belongs to the I/O thread: it must come after the writes before it.
void Inbox::flush(const Order& order) {
  const auto disk = static_cast<uint32_t>(order.fields.number("disk"));
  const std::shared_ptr<DiskThread> thread = orders_.threadOf(disk);
  if (thread && thread->flush(order.tag)) return;
  Bytes body;
  BodyWriter(body).error(ownError(kClosed, "flush", "The disk is closed."));
  sender_.send(MessageType::kFailure, order.tag, body);
}

}  // namespace coldframe
