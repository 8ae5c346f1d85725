// Messages survive any cutting of the stream; noise is refused.
#include "../pipeline/wire.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <thread>

#include "../core/failures.h"
#include "../core/file_descriptor.h"
#include "../pipeline/message_sender.h"
#include "harness.h"
#include "lab_world.h"

namespace coldframe::test {

namespace {

Error sampleError() {
  Error error = ownError("VIX_E_FAIL", "VixDiskLib_Open", "It did not work.");
  error.raw = 0x1234567800000001;
  error.disk = "[ds] a/a.vmdk";
  error.transport = "nbdssl";
  error.retry = Retry::kNextTransport;
  error.warnings = {"first", "", "last"};
  return error;
}

void expectSame(const Error& a, const Error& b) {
  EXPECT_EQ(a.raw, b.raw);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.function, b.function);
  EXPECT_EQ(a.disk, b.disk);
  EXPECT_EQ(a.transport, b.transport);
  EXPECT_EQ(a.retry, b.retry);
  EXPECT(a.warnings == b.warnings);
}

Record sampleRecord() {
  Record record;
  record.set("number", uint64_t{1} << 60);
  record.set("flag", true);
  record.set("text", std::string("a\0b", 3));
  record.set("list", std::vector<std::string>{"x", "", "z"});
  record.set("bytes", coldframe::Bytes{1, 2, 3});
  return record;
}

TEST(recordsKeepEveryKindOfValue) {
  coldframe::Bytes body;
  BodyWriter writer(body);
  writer.text("name");
  writer.record(sampleRecord());
  writer.error(sampleError());
  BodyReader reader(body);
  EXPECT_EQ(reader.text(), "name");
  const Record record = reader.record();
  EXPECT(record.values() == sampleRecord().values());
  expectSame(reader.error(), sampleError());
  EXPECT(reader.atEnd());
  EXPECT_EQ(record.number("number"), uint64_t{1} << 60);
  EXPECT_EQ(nameOfError([&] { record.text("number"); }), kProtocol);
  EXPECT_EQ(nameOfError([&] { record.flag("absent"); }), kProtocol);
  EXPECT_EQ(record.numberOr("absent", 7), 7U);
}

TEST(truncatedBodiesAreRefusedAtEveryLength) {
  coldframe::Bytes body;
  BodyWriter writer(body);
  writer.record(sampleRecord());
  writer.error(sampleError());
  for (size_t length = 0; length < body.size(); length++) {
    const auto read = [&] {
      BodyReader reader{std::span<const uint8_t>(body).first(length)};
      reader.record();
      reader.error();
    };
    EXPECT_EQ(nameOfError(read), kProtocol);
  }
}

TEST(noiseInBodiesIsRefusedOrReadButNeverHarms) {
  const Bytes noise = randomBytes(64 * 1024, 21);
  for (size_t at = 0; at + 64 < noise.size(); at += 61) {
    const std::span<const uint8_t> body(noise.data() + at, 64);
    nameOfError([&] { decodeTransfers(body); });
    nameOfError([&] { decodeCompletions(body); });
    nameOfError([&] { BodyReader(body).record(); });
    nameOfError([&] { BodyReader(body).error(); });
  }
}

TEST(transfersAndCompletionsRoundTrip) {
  const std::vector<Transfer> transfers = {{5, {{4096, 512, 1024}, {8192, 99'000'000'000'000, 512}}}, {6, {}}};
  const TransferBatch batch = decodeTransfers(encodeTransfers(3, transfers));
  EXPECT_EQ(batch.disk, 3U);
  EXPECT_EQ(batch.transfers.size(), 2U);
  EXPECT_EQ(batch.transfers[0].tag, 5U);
  EXPECT_EQ(batch.transfers[0].segments[1].diskOffset, 99'000'000'000'000U);
  EXPECT_EQ(batch.transfers[1].segments.size(), 0U);
  const std::array completions{Completion{1, std::nullopt}, Completion{2, sampleError()}};
  const std::vector<Completion> read = decodeCompletions(encodeCompletions(completions));
  EXPECT_EQ(read.size(), 2U);
  EXPECT(!read[0].error);
  expectSame(*read[1].error, sampleError());
}

TEST(messagesComeOutWholeHoweverTheStreamIsCut) {
  coldframe::Bytes stream;
  for (size_t i = 0; i < 40; i++) {
    appendMessage(stream, MessageType::kReply, i, randomBytes(i == 20 ? 300'000 : i * 37, i));
  }
  for (const size_t step : {size_t{1}, size_t{15}, size_t{17}, size_t{4096}, stream.size()}) {
    MessageCutter cutter;
    uint64_t seen = 0;
    for (size_t at = 0; at < stream.size();) {
      const std::span<uint8_t> room = cutter.room();
      const size_t take = std::min({step, room.size(), stream.size() - at});
      std::memcpy(room.data(), stream.data() + at, take);
      cutter.added(take);
      at += take;
      while (const std::optional<Message> message = cutter.next()) {
        EXPECT_EQ(message->tag, seen);
        EXPECT(Bytes(message->body.begin(), message->body.end()) ==
               randomBytes(seen == 20 ? 300'000 : seen * 37, seen));
        seen++;
      }
    }
    EXPECT_EQ(seen, 40U);
  }
}

TEST(aHeaderThatMakesNoSenseEndsTheConnection) {
  MessageCutter cutter;
  const std::span<uint8_t> room = cutter.room();
  std::fill_n(room.begin(), kMessageHeader, uint8_t{0xFF});
  cutter.added(kMessageHeader);
  EXPECT_EQ(nameOfError([&] { cutter.next(); }), kProtocol);
}

TEST(aFullSocketNeverBlocksASender) {
  int pair[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const FileDescriptor ours(pair[0]);
  const FileDescriptor theirs(pair[1]);
  constexpr size_t kThreads = 3;
  constexpr size_t kEach = 40;
  MessageSender sender(ours.get());
  std::vector<std::thread> threads;
  // Nobody reads yet: far more than a socket's buffer is taken all the same.
  for (size_t t = 0; t < kThreads; t++) {
    threads.emplace_back([&sender, t] {
      const coldframe::Bytes body = randomBytes(20'000, t);
      for (size_t i = 0; i < kEach; i++) sender.send(MessageType::kReply, t, body);
    });
  }
  for (std::thread& thread : threads) thread.join();
  MessageCutter cutter;
  size_t seen = 0;
  while (seen < kThreads * kEach) {
    const std::span<uint8_t> room = cutter.room();
    const ssize_t count = ::recv(theirs.get(), room.data(), room.size(), 0);
    EXPECT(count > 0);
    cutter.added(static_cast<size_t>(count));
    while (const std::optional<Message> message = cutter.next()) {
      EXPECT(Bytes(message->body.begin(), message->body.end()) == randomBytes(20'000, message->tag));
      seen++;
    }
  }
  sender.flush();
}

TEST(aBrokenSocketIsNoFailureOfTheSender) {
  int pair[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const FileDescriptor ours(pair[0]);
  FileDescriptor theirs(pair[1]);
  theirs.reset();
  MessageSender sender(ours.get());
  for (int i = 0; i < 3; i++) sender.send(MessageType::kReply, 1, coldframe::Bytes(100));
  sender.flush();
}

}  // namespace

}  // namespace coldframe::test
