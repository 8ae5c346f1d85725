// Both ends of the worker's socket in one process: orders, bulk data, ends.
#include <unistd.h>

#include <future>

#include "../core/failures.h"
#include "../pipeline/read_stream.h"
#include "../pipeline/worker_link.h"
#include "../worker/inbox.h"
#include "harness.h"
#include "lab_world.h"
#include "memory_port.h"

namespace coldframe::test {

namespace {

/// What main.cc does, on a thread.
class WorkerThread {
 public:
  explicit WorkerThread(const WorkerLink& link)
      // dup and not fcntl: ThreadSanitizer follows what passes over a socket that way.
      : socket_(::dup(link.childSocket())),
        ring_(Ring::attach(FileDescriptor(::dup(link.ringFd())))),
        thread_([this] { serve(); }) {}
  ~WorkerThread() { thread_.join(); }
  WorkerThread(const WorkerThread&) = delete;
  WorkerThread& operator=(const WorkerThread&) = delete;

 private:
  void serve() {
    MessageSender sender(socket_.get());
    Orders orders(*ring_, sender);
    Inbox inbox(socket_.get(), orders, sender);
    while (const std::optional<Order> order = inbox.wait()) {
      coldframe::Bytes body;
      BodyWriter writer(body);
      MessageType type = MessageType::kReply;
      try {
        writer.record(orders.run(order->name, order->fields));
      } catch (const Error& error) {
        type = MessageType::kFailure;
        writer.error(error);
      }
      sender.send(type, order->tag, body);
    }
  }

  FileDescriptor socket_;
  std::shared_ptr<Ring> ring_;
  std::thread thread_;
};

struct Rig {
  // The thread ends with the socket, so the link must go first.
  std::unique_ptr<WorkerThread> worker;
  std::mutex mutex;
  std::map<uint64_t, std::promise<Reply>> waiting;
  std::unique_ptr<WorkerLink> link;
  ComputePool pool{2};
  uint64_t nextTag = 1;

  Rig() {
    WorkerLink::Events events;
    events.reply = [this](Reply reply) {
      const std::lock_guard lock(mutex);
      waiting.at(reply.tag).set_value(std::move(reply));
    };
    link = std::make_unique<WorkerLink>(std::move(events));
    worker = std::make_unique<WorkerThread>(*link);
    link->closeChildEnds();
  }
  ~Rig() { link.reset(); }

  Record order(const std::string& name, const Record& fields) {
    std::future<Reply> future;
    const uint64_t tag = nextTag++;
    {
      const std::lock_guard lock(mutex);
      future = waiting[tag].get_future();
    }
    link->order(tag, name, fields);
    Reply reply = future.get();
    if (reply.error) throw Error(*reply.error);
    return *reply.record;
  }

  uint32_t openBlock(const std::string& path, bool readOnly) {
    Record fields;
    fields.set("path", path);
    fields.set("readOnly", readOnly);
    return static_cast<uint32_t>(order("openBlock", fields).number("disk"));
  }
};

Record diskField(uint32_t disk) {
  Record fields;
  fields.set("disk", uint64_t{disk});
  return fields;
}

/// Writes or reads one run of the disk through the ring, and waits.
class OneTransfer final : public DataClient {
 public:
  static std::optional<Error> run(WorkerLink& link, Direction direction, uint32_t disk, const Segment& segment) {
    auto client = std::make_shared<OneTransfer>();
    std::future<std::optional<Error>> future = client->result_.get_future();
    const uint32_t number = link.attach(client);
    const std::array transfer{Transfer{tagOf(number, 0), {segment}}};
    link.submit(direction, disk, transfer);
    std::optional<Error> error = future.get();
    link.detach(number);
    return error;
  }
  void completed(Completion completion) override { result_.set_value(std::move(completion.error)); }
  void portLost(const Error& error) override { result_.set_value(error); }

 private:
  std::promise<std::optional<Error>> result_;
};

TEST(workerReadsWritesAndFlushesABlockDisk) {
  const TempDir dir;
  const Bytes bytes = randomBytes(4 << 20, 4);
  writeFile(dir / "source", bytes);
  writeFile(dir / "target", Bytes(bytes.size()));
  Rig rig;
  const uint32_t source = rig.openBlock(dir / "source", true);
  const uint32_t target = rig.openBlock(dir / "target", false);
  const auto area = rig.link->takeArea(bytes.size());
  const Segment whole{area->offset(), 0, bytes.size()};
  EXPECT(!OneTransfer::run(*rig.link, Direction::kRead, source, whole));
  EXPECT(std::equal(bytes.begin(), bytes.end(), area->data()));
  EXPECT(!OneTransfer::run(*rig.link, Direction::kWrite, target, whole));
  rig.order("flush", diskField(target));
  rig.order("close", diskField(target));
  EXPECT(readFile(dir / "target") == bytes);
  EXPECT_EQ(OneTransfer::run(*rig.link, Direction::kRead, target, whole)->name, kClosed);
  EXPECT_EQ(errorOf([&] { rig.order("close", diskField(target)); }).name, kClosed);
}

TEST(workerSendsErrorsBackWhole) {
  const TempDir dir;
  writeFile(dir / "disk", Bytes(1 << 20));
  Rig rig;
  EXPECT_EQ(errorOf([&] { rig.openBlock(dir / "absent", true); }).name, "ENOENT");
  EXPECT_EQ(errorOf([&] { rig.order("dance", {}); }).name, kProtocol);
  EXPECT_EQ(errorOf([&] { rig.order("openBlock", {}); }).name, kProtocol);
  const uint32_t disk = rig.openBlock(dir / "disk", true);
  const auto area = rig.link->takeArea(1 << 20);
  EXPECT_EQ(OneTransfer::run(*rig.link, Direction::kRead, disk, {area->offset(), 1 << 20, 512})->name, kOutOfRange);
  EXPECT_EQ(OneTransfer::run(*rig.link, Direction::kWrite, disk, {area->offset(), 0, 512})->name, kReadOnly);
  EXPECT_EQ(OneTransfer::run(*rig.link, Direction::kRead, disk, {UINT64_MAX - 100, 0, 512})->name, kProtocol);
}

TEST(workerServesAStreamOfManySmallExtents) {
  const TempDir dir;
  const Bytes bytes = randomBytes(8 << 20, 14);
  writeFile(dir / "disk", bytes);
  Rig rig;
  Bell bell;
  ReadOptions options;
  options.disk = rig.openBlock(dir / "disk", true);
  for (size_t at = 0; at < bytes.size(); at += 4096) {
    options.extents.push_back(static_cast<double>(at));
    options.extents.push_back(512);
  }
  const auto stream = ReadStream::start(*rig.link, rig.pool, options, [&] { bell.ring(); });
  size_t chunks = 0;
  for (;;) {
    std::vector<HeldSlot> slots;
    ReadStream::State state = ReadStream::State::kRunning;
    bell.waitUntil([&] {
      state = stream->take(64, slots);
      return state != ReadStream::State::kRunning || !slots.empty();
    });
    EXPECT(state != ReadStream::State::kFailed);
    if (state == ReadStream::State::kEnded) break;
    for (const HeldSlot& slot : slots) {
      for (const Chunk& chunk : slot.chunks) {
        EXPECT_EQ(chunk.offset, chunks * 4096);
        EXPECT(chunk.digest == blake3(bytes.data() + chunk.offset, 512));
        chunks++;
      }
      stream->release(slot.index);
    }
  }
  EXPECT_EQ(chunks, bytes.size() / 4096);
}

TEST(workerEndsWithTheSocketWhileStreamsRun) {
  const TempDir dir;
  writeFile(dir / "disk", randomBytes(16 << 20, 1));
  for (int i = 0; i < 8; i++) {
    Bell bell;
    Rig rig;
    ReadOptions options;
    options.disk = rig.openBlock(dir / "disk", true);
    options.extents = {0, 16 << 20};
    const auto stream = ReadStream::start(*rig.link, rig.pool, options, [&] { bell.ring(); });
    rig.link->close();
    std::vector<HeldSlot> slots;
    bell.waitUntil([&] { return stream->take(64, slots) != ReadStream::State::kRunning; });
    rig.link.reset();
    stream->abort();
  }
}

}  // namespace

}  // namespace coldframe::test
