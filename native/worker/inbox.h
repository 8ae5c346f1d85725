// Reads the socket: bulk transfers go straight to their disk's thread, orders
// wait for the control thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "orders.h"

namespace coldframe {

struct Order {
  uint64_t tag = 0;
  std::string name;
  Record fields;
};

class Inbox {
 public:
  Inbox(int socket, Orders& orders, MessageSender& sender);
  /// The socket must have been shut down, or have ended.
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  /// The next order; none once the other side has gone.
  std::optional<Order> wait();

 private:
  void read();
  void dispatch(const Message& message);
  void transfer(Direction direction, const Message& message);
  void flush(const Order& order);

  const int socket_;
  Orders& orders_;
  MessageSender& sender_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Order> queue_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace coldframe
