// Random work against a model: whatever the transport and the order, the disk
// must hold what a plain array would.
#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <thread>

#include "../core/block_disk.h"
#include "harness.h"
#include "lab_world.h"

namespace coldframe::test {

namespace {

constexpr size_t kDiskBytes = 3 * (1 << 20) + 7 * 512;
constexpr size_t kMostSectors = 300;
constexpr int kRounds = 40;
constexpr int kRequestsInARound = 16;

struct Ticket {
  Extent range;
  std::unique_ptr<Buffer> buffer;
  bool write = false;
  std::atomic<int> fired{0};
  std::atomic<bool> failed{false};

  static void done(void* context, std::unique_ptr<Error> error) {
    auto* self = static_cast<Ticket*>(context);
    if (error) self->failed = true;
    self->fired++;
  }
};

bool overlaps(const Extent& left, const Extent& right) {
  return left.offset < right.offset + right.length && right.offset < left.offset + left.length;
}

class Model {
 public:
  Model(Disk& disk, Bytes bytes, uint64_t seed) : disk_(disk), bytes_(std::move(bytes)), random_(seed) {}

  /// A few requests in flight at once, none touching another's bytes.
  void round(bool writable) {
    std::vector<std::unique_ptr<Ticket>> tickets;
    for (int i = 0; i < kRequestsInARound; i++) {
      const Extent range = anyRange();
      const bool taken = std::any_of(tickets.begin(), tickets.end(),
                                     [&range](const auto& ticket) { return overlaps(ticket->range, range); });
      if (!taken) tickets.push_back(submit(range, writable && random_() % 2 == 0));
    }
    disk_.drain();
    for (const auto& ticket : tickets) check(*ticket);
  }

  const Bytes& bytes() const { return bytes_; }

 private:
  Extent anyRange() {
    const uint64_t sectors = bytes_.size() / 512;
    const uint64_t start = random_() % sectors;
    const uint64_t count = 1 + random_() % std::min<uint64_t>(kMostSectors, sectors - start);
    return {start * 512, count * 512};
  }

  std::unique_ptr<Ticket> submit(const Extent& range, bool write) {
    auto ticket = std::make_unique<Ticket>();
    ticket->range = range;
    ticket->write = write;
    ticket->buffer = std::make_unique<Buffer>(range.length);
    const auto length = static_cast<uint32_t>(range.length);
    const IoRequest request{range.offset, length, ticket->buffer->data(), &Ticket::done, ticket.get()};
    if (write) {
      const Bytes fresh = randomBytes(range.length, random_());
      std::copy(fresh.begin(), fresh.end(), ticket->buffer->data());
      std::copy(fresh.begin(), fresh.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(range.offset));
      disk_.submitWrite(request);
    } else {
      disk_.submitRead(request);
    }
    return ticket;
  }

  void check(const Ticket& ticket) const {
    EXPECT_EQ(ticket.fired.load(), 1);
    EXPECT(!ticket.failed);
    const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(ticket.range.offset);
    EXPECT(std::equal(ticket.buffer->data(), ticket.buffer->data() + ticket.range.length, from));
  }

  Disk& disk_;
  Bytes bytes_;
  std::mt19937_64 random_;
};

TEST(randomIoMatchesAModelByEveryTransport) {
  uint64_t seed = 100;
  for (const std::string transport : {"hotadd", "san", "nbdssl", "nbd"}) {
    const Bytes start = randomBytes(kDiskBytes, ++seed);
    const LabWorld world(start);
    const ScopedEnvironment scoped(world.environment());
    OpenedDisk opened(world.loadOptions(), connectOptions(transport, false), {.unbuffered = true});
    Model model(*opened.disk, start, seed);
    for (int i = 0; i < kRounds; i++) model.round(true);
    opened.disk->flush();
    opened.close();
    EXPECT(readFile(world.rawFile()) == model.bytes());
  }
}

TEST(randomIoMatchesAModelOnABlockDisk) {
  for (const bool direct : {false, true}) {
    const TempDir dir;
    const Bytes start = randomBytes(kDiskBytes, 200);
    writeFile(dir / "disk", start);
    const auto disk =
        openBlockDisk({.path = dir / "disk", .readOnly = false, .direct = direct, .queueThreads = 8});
    Model model(*disk, start, 201);
    for (int i = 0; i < kRounds; i++) model.round(true);
    disk->flush();
    disk->close();
    EXPECT(readFile(dir / "disk") == model.bytes());
  }
}

TEST(randomReadsWithRandomFaultsReportEveryRequestOnce) {
  const Bytes start = randomBytes(kDiskBytes, 300);
  const LabWorld world(start);
  std::mt19937 random(301);
  std::string faults;
  for (int i = 0; i < 30; i++) faults += "ReadAsync:" + std::to_string(1 + random() % 400) + ":error=14010;";
  const ScopedEnvironment scoped(world.environment({{"COLDFRAME_LAB_VDDK_FAULTS", faults}}));
  OpenedDisk opened(world.loadOptions(), connectOptions("nbdssl"));
  std::vector<std::unique_ptr<Ticket>> tickets;
  for (int i = 0; i < 400; i++) {
    auto ticket = std::make_unique<Ticket>();
    ticket->range = {random() % (kDiskBytes / 512 - 8) * 512, 4096};
    ticket->buffer = std::make_unique<Buffer>(4096);
    opened.disk->submitRead({ticket->range.offset, 4096, ticket->buffer->data(), &Ticket::done, ticket.get()});
    tickets.push_back(std::move(ticket));
  }
  opened.disk->drain();
  int failed = 0;
  for (const auto& ticket : tickets) {
    EXPECT_EQ(ticket->fired.load(), 1);
    const auto from = start.begin() + static_cast<std::ptrdiff_t>(ticket->range.offset);
    EXPECT(ticket->failed || std::equal(ticket->buffer->data(), ticket->buffer->data() + 4096, from));
    failed += ticket->failed ? 1 : 0;
  }
  EXPECT(failed > 20 && failed <= 30);
  opened.close();
}

}  // namespace

}  // namespace coldframe::test
