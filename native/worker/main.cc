// The disk worker. The main thread initialises the library and is its control
// thread; VMware wants it so.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

#include "failures.h"
#include "inbox.h"

namespace {

using namespace coldframe;

constexpr int kSocket = 3;
constexpr int kRing = 4;
/// How long closing disks and the library may take; they have been seen to hang.
constexpr unsigned kExitSeconds = 30;

// Async-signal-safe. The socket's end makes every loop finish; if one hangs,
// SIGALRM's default action ends the process.
void onStop(int) {
  ::alarm(kExitSeconds);
  ::shutdown(kSocket, SHUT_RD);
}

void prepareProcess() {
  struct sigaction stop {};
  stop.sa_handler = onStop;
  ::sigaction(SIGTERM, &stop, nullptr);
  // Ctrl-C goes to the whole group; the parent decides what becomes of us.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  // A parent that dies without closing its socket's copies still ends us.
  const pid_t parent = ::getppid();
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent || parent == 1) onStop(SIGTERM);
  ::prctl(PR_SET_NAME, "disk-worker");
  // Neither may leak into anything that the library starts.
  ::fcntl(kSocket, F_SETFD, FD_CLOEXEC);
  ::fcntl(kRing, F_SETFD, FD_CLOEXEC);
}

void answer(MessageSender& sender, Orders& orders, const Order& order) {
  Bytes body;
  BodyWriter writer(body);
  MessageType type = MessageType::kReply;
  try {
    writer.record(orders.run(order.name, order.fields));
  } catch (const Error& error) {
    body.clear();
    type = MessageType::kFailure;
    writer.error(error);
  } catch (const std::exception& error) {
    body.clear();
    type = MessageType::kFailure;
    writer.error(ownError("COLDFRAME_INTERNAL", order.name, error.what()));
  }
  sender.send(type, order.tag, body);
}

}  // namespace

int main() {
  prepareProcess();
  std::shared_ptr<Ring> ring;
  try {
    ring = Ring::attach(FileDescriptor(kRing));
  } catch (const Error& error) {
    std::fprintf(stderr, "worker error: %s; this program is started by coldframe alone.\n", error.text.c_str());
    return 2;
  }
  MessageSender sender(kSocket);
  Orders orders(*ring, sender);
  Inbox inbox(kSocket, orders, sender);
  while (const std::optional<Order> order = inbox.wait()) {
    if (order->name == "exit") {
      ::alarm(kExitSeconds);
      Bytes body;
      BodyWriter(body).record({});
      try {
        orders.closeAll();
        sender.send(MessageType::kReply, order->tag, body);
      } catch (const Error& error) {
        body.clear();
        BodyWriter(body).error(error);
        sender.send(MessageType::kFailure, order->tag, body);
      }
      sender.flush();
      break;
    }
    answer(sender, orders, *order);
  }
  ::alarm(kExitSeconds);
  ::shutdown(kSocket, SHUT_RDWR);
  try {
    orders.closeAll();
  } catch (const Error& error) {
    std::fprintf(stderr, "worker error: while closing: %s\n", error.text.c_str());
  }
  return 0;
}
