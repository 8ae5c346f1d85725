// What the core makes of a library that fails, hangs, crashes or breaks its word,
// and what the stand-in makes of a caller that breaks the library's rules.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "../core/failures.h"
#include "../core/vix_functions.h"
#include "harness.h"
#include "lab_world.h"

namespace coldframe::test {

namespace {

constexpr const char* kFaults = "COLDFRAME_LAB_VDDK_FAULTS";
constexpr size_t kMiB = 1 << 20;

/// Reads the first 64 KiB `times` times with the faults; the names of the
/// errors, "-" for success.
std::string readWith(const std::string& faults, const std::string& transport, int times) {
  const Bytes bytes = randomBytes(kMiB, 6);
  const LabWorld world(bytes);
  const ScopedEnvironment scoped(world.environment({{kFaults, faults}}));
  OpenedDisk opened(world.loadOptions(), connectOptions(transport));
  std::string names;
  for (int i = 0; i < times; i++) {
    Buffer buffer(64 * 1024);
    const std::string name = nameOfError([&] { readAt(*opened.disk, 0, buffer); });
    if (name.empty() && buffer.bytes() != Bytes(bytes.begin(), bytes.begin() + 64 * 1024)) return "wrong bytes";
    names += (name.empty() ? "-" : name) + " ";
  }
  opened.close();
  return names;
}

TEST(completionsCarryTheErrorOfTheCallThatHadIt) {
  for (const std::string transport : {"hotadd", "nbdssl"}) {
    EXPECT_EQ(readWith("ReadAsync:2:error=14011", transport, 3), "- VIX_E_TCP_CONN_LOST - ");
  }
}

TEST(aRefusedSubmissionIsAnErrorAndNothingCompletes) {
  EXPECT_EQ(readWith("ReadAsync:2:refuse=2", "nbd", 3), "- VIX_E_OUT_OF_MEMORY - ");
}

TEST(fallsBackToSynchronousRequestsWhereTheFirstIsNotSupported) {
  EXPECT_EQ(readWith("ReadAsync:1:refuse=6;Read:2:error=7", "nbd", 3), "- VIX_E_FILE_ERROR - ");
  // Later it is an error like others: both kinds may not be mixed on a handle.
  EXPECT_EQ(readWith("ReadAsync:2:refuse=6", "nbd", 3), "- VIX_E_NOT_SUPPORTED - ");
}

TEST(zeroWithACompletionCountsAsCompleted) { EXPECT_EQ(readWith("ReadAsync:*:zero", "hotadd", 2), "- - "); }

TEST(zeroWithoutACompletionIsAnError) {
  EXPECT_EQ(readWith("ReadAsync:1:mute", "hotadd", 2), std::string(kProtocol) + " - ");
}

TEST(aCompletionBesidesAFailedSubmissionIsReportedOnce) { EXPECT_EQ(readWith("ReadAsync:1:betray=2", "nbd", 2), "- - "); }

struct Count {
  std::atomic<unsigned> fired{0};
  std::atomic<unsigned> failed{0};
  static void done(void* context, std::unique_ptr<Error> error) {
    auto* self = static_cast<Count*>(context);
    self->fired++;
    if (error && error->name == kProtocol) self->failed++;
  }
};

TEST(aLostCompletionIsReportedByDrain) {
  const LabWorld world(Bytes(kMiB, 1));
  const ScopedEnvironment scoped(world.environment({{kFaults, "ReadAsync:1:lose"}}));
  OpenedDisk opened(world.loadOptions(), connectOptions("nbd"));
  Buffer buffer(4096);
  Count count;
  opened.disk->submitRead({0, 4096, buffer.data(), &Count::done, &count});
  EXPECT_EQ(nameOfError([&] { opened.disk->drain(); }), kProtocol);
  EXPECT_EQ(count.fired.load(), 0U);
  // Close says so once more, and yet the handle is closed.
  EXPECT_EQ(nameOfError([&] { opened.disk->close(); }), kProtocol);
  EXPECT_EQ(nameOfError([&] { opened.disk->close(); }), "");
  // Every accepted request is reported once, this one too.
  EXPECT_EQ(count.fired.load(), 1U);
  EXPECT_EQ(count.failed.load(), 1U);
  opened.close();
}

TEST(writeFlushCloseAndDisconnectErrorsAreThrown) {
  const LabWorld world(Bytes(kMiB, 1));
  const std::string faults = "WriteAsync:1:error=8;Flush:1:error=7;Close:1:error=1;Disconnect:1:error=36";
  const ScopedEnvironment scoped(world.environment({{kFaults, faults}}));
  OpenedDisk opened(world.loadOptions(), connectOptions("nbd", false));
  Buffer buffer(4096);
  EXPECT_EQ(nameOfError([&] { writeAt(*opened.disk, 0, buffer); }), "VIX_E_DISK_FULL");
  EXPECT_EQ(nameOfError([&] { opened.disk->flush(); }), "VIX_E_FILE_ERROR");
  EXPECT_EQ(nameOfError([&] { opened.disk->close(); }), "VIX_E_FAIL");
  EXPECT_EQ(nameOfError([&] { opened.connection->disconnect(); }), "VIX_E_HOST_CONNECTION_LOST");
  opened.close();
}

TEST(theTransportIsWhatTheLibrarySays) {
  const LabWorld world(Bytes(kMiB, 1));
  const ScopedEnvironment scoped(world.environment({{kFaults, "Open:1:transport=nbd"}}));
  OpenedDisk opened(world.loadOptions(), connectOptions("hotadd"));
  EXPECT_EQ(opened.disk->info().transport, "nbd");
  EXPECT(opened.disk->info().async);
  opened.close();
}

TEST(aShortMapLeavesItsLastBlockOut) {
  const LabWorld world(Bytes(kMiB, 1));
  const ScopedEnvironment scoped(world.environment({{kFaults, "QueryAllocatedBlocks:2:short"}}));
  OpenedDisk opened(world.loadOptions(), connectOptions("nbd"));
  EXPECT(opened.disk->allocated(0, kMiB).empty());
  EXPECT_EQ(opened.disk->allocated(0, kMiB).size(), 1U);
  opened.close();
}

TEST(anUnusedFaultIsTold) {
  const LabWorld world(Bytes(kMiB, 1));
  const ScopedEnvironment scoped(world.environment({{kFaults, "ReadAsync:99:error=1"}}));
  OpenedDisk(world.loadOptions(), connectOptions("nbd")).close();
  EXPECT_CONTAINS(world.events(), "unused-fault\t-\tReadAsync:99:error=1\t");
}

LoadOptions childOptions() {
  LoadOptions options;
  options.libDir = labLibrary();
  options.stateDir = std::getenv("COLDFRAME_TEST_STATE");
  options.log = [](LogLevel, std::string_view line) {
    std::fprintf(stderr, "log: %.*s\n", static_cast<int>(line.size()), line.data());
  };
  return options;
}

CHILD(childReadsOnce) {
  OpenedDisk opened(childOptions(), connectOptions("nbd"));
  Buffer buffer(4096);
  readAt(*opened.disk, 0, buffer);
  opened.close();
}

ChildResult childWith(const std::string& faults, unsigned seconds) {
  const LabWorld world(Bytes(kMiB, 1));
  return runChildFor("childReadsOnce", world.environment({{kFaults, faults}}), seconds);
}

TEST(crashPanicAndNoiseOfTheLibraryEndOnlyItsOwnProcess) {
  EXPECT_EQ(childWith("", 60).status, 0);
  EXPECT_EQ(childWith("ReadAsync:1:crash", 60).status, -6);
  const ChildResult panic = childWith("Open:1:panic", 60);
  EXPECT_EQ(panic.status, -6);
  EXPECT_CONTAINS(panic.output, "log: PANIC: injected");
  const ChildResult noise = childWith("InitEx:1:stdout", 60);
  EXPECT_EQ(noise.status, 0);
  EXPECT_CONTAINS(noise.output, "noise of the library");
}

TEST(aHangingCallCanBeKilled) {
  for (const char* faults : {"ReadAsync:1:hang", "Exit:1:hang"}) {
    const ChildResult result = childWith(faults, 5);
    EXPECT_EQ(result.status, -9);
    // It was the call that hung, and not the way there.
    EXPECT_CONTAINS(result.output, "log: VixDiskLib: opened");
  }
}

TEST(aFaultThatIsNotUnderstoodEndsTheProcess) {
  for (const std::string faults : {"Raed:1:error=1", "ReadAsync:0:error=1", "ReadAsync:1:explode", "ReadAsync:1:error"}) {
    const ChildResult result = childWith(faults, 60);
    EXPECT_EQ(result.status, -6);
    EXPECT_CONTAINS(result.output, "is not understood at '" + faults);
  }
}

// The next ones call the stand-in's table directly: the core would refuse.

struct RawDisk {
  OpenedDisk opened;
  abi::Connection connection = nullptr;
  abi::Handle handle = nullptr;

  RawDisk() : opened(childOptions(), connectOptions("nbd")) {
    table().ConnectEx(nullptr, 1, nullptr, nullptr, &connection);
    table().Open(connection, std::getenv("COLDFRAME_TEST_RAW"), abi::kOpenReadOnly, &handle);
    if (handle == nullptr) throw Failure{"the raw file was not opened"};
  }
  const VixFunctions& table() const { return opened.library->functions(); }
};

CHILD(childClosesOnAnotherThread) {
  const RawDisk raw;
  std::thread([&raw] { raw.table().Close(raw.handle); }).join();
}

CHILD(childOverlapsCalls) {
  const RawDisk raw;
  Buffer first(4096);
  Buffer second(4096);
  std::thread slow([&] { raw.table().Read(raw.handle, 0, 8, first.data()); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  raw.table().Read(raw.handle, 0, 8, second.data());
  slow.join();
}

CHILD(childDisconnectsBeforeClose) {
  const RawDisk raw;
  raw.table().Disconnect(raw.connection);
}

CHILD(childCallsOutOfACompletion) {
  const RawDisk raw;
  Buffer buffer(4096);
  static const RawDisk* current = nullptr;
  current = &raw;
  raw.table().ReadAsync(
      raw.handle, 0, 8, buffer.data(), [](void*, abi::VixError) { current->table().Wait(current->handle); }, nullptr);
}

CHILD(childClosesBeforeWait) {
  const RawDisk raw;
  Buffer buffer(4096);
  raw.table().ReadAsync(raw.handle, 0, 8, buffer.data(), [](void*, abi::VixError) {}, nullptr);
  raw.table().Close(raw.handle);
}

TEST(theStandInEndsAProcessThatBreaksTheRules) {
  const LabWorld world(Bytes(kMiB, 1));
  const auto outputOf = [&world](const char* child, Environment more) {
    more["COLDFRAME_TEST_RAW"] = world.rawFile();
    const ChildResult result = runChild(child, world.environment(more));
    EXPECT_EQ(result.status, -6);
    return result.output;
  };
  EXPECT_CONTAINS(outputOf("childClosesOnAnotherThread", {}), "RULE BROKEN in VixDiskLib_Close");
  EXPECT_CONTAINS(outputOf("childOverlapsCalls", {{kFaults, "Read:1:delay=3000"}}), "RULE BROKEN in VixDiskLib_Read");
  EXPECT_CONTAINS(outputOf("childDisconnectsBeforeClose", {}), "RULE BROKEN in VixDiskLib_Disconnect");
  EXPECT_CONTAINS(outputOf("childCallsOutOfACompletion", {}), "RULE BROKEN in VixDiskLib_Wait");
  const Environment slow = {{"COLDFRAME_LAB_VDDK_ASYNC", "1"}, {"COLDFRAME_LAB_VDDK_LATENCY_MS", "3000"}};
  EXPECT_CONTAINS(outputOf("childClosesBeforeWait", slow), "RULE BROKEN in VixDiskLib_Close");
}

}  // namespace

}  // namespace coldframe::test
