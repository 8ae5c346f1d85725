// What the stand-in promises to the lab: its map, its events, its limits.
#include <algorithm>
#include <chrono>

#include "../core/failures.h"
#include "harness.h"
#include "lab_world.h"

namespace coldframe::test {

namespace {

constexpr size_t kMiB = 1 << 20;

TEST(readsTheMapAnewAtEveryOpen) {
  const LabWorld world(Bytes(kMiB, 1));
  const ScopedEnvironment scoped(world.environment());
  OpenedDisk opened(world.loadOptions(), connectOptions("nbd"));
  EXPECT_EQ(nameOfError([&] { opened.connection->open("[store] late.vmdk", {}); }), "VIX_E_FILE_NOT_FOUND");
  writeFile(world.dir / "late.raw", Bytes(2 * kMiB, 2));
  const std::string row = "disk\tvm-1\tsnapshot-7\t[store] late.vmdk\t" + (world.dir / "late.raw") + "\tnbd\tu2\tro\n";
  writeText(world.dir / "map", readText(world.dir / "map") + row);
  const auto late = opened.connection->open("[store] late.vmdk", {});
  EXPECT_EQ(late->info().capacityBytes, 2 * kMiB);
  EXPECT_EQ(late->info().uuid, "u2");
  late->close();
  opened.close();
}

TEST(mapsLocalPathsToOtherFiles) {
  const LabWorld world(Bytes(kMiB, 3));
  writeText(world.dir / "map", "# comments and empty lines are allowed\n\nfile\tdisk-1\t" + world.rawFile() + "\n");
  const ScopedEnvironment scoped(world.environment());
  const auto library = VixLibrary::load(world.loadOptions());
  VixConnection connection(library, {});
  connection.connect();
  const auto disk = connection.open("disk-1", {});
  EXPECT_EQ(disk->info().capacityBytes, kMiB);
  disk->close();
  connection.disconnect();
  library->exit();
}

CHILD(childOpensWithABrokenMap) {
  LoadOptions options;
  options.libDir = labLibrary();
  options.stateDir = std::getenv("COLDFRAME_TEST_STATE");
  const OpenedDisk opened(options, connectOptions("nbd"));
}

TEST(endsTheProcessAtAMapThatIsNotUnderstood) {
  const LabWorld world(Bytes(kMiB, 1));
  for (const std::string row : {"disk\tvm-1\ttoo few", "disk\ta\tb\tc\td\te\tf\tmaybe", "dsik\ta"}) {
    writeText(world.dir / "map", row + "\n");
    const ChildResult result = runChild("childOpensWithABrokenMap", world.environment());
    EXPECT_EQ(result.status, -6);
    EXPECT_CONTAINS(result.output, "is not understood at '" + row);
  }
}

TEST(eventsAreInOrder) {
  const LabWorld world(Bytes(kMiB, 1));
  const ScopedEnvironment scoped(world.environment());
  OpenedDisk(world.loadOptions(), connectOptions("san")).close();
  OpenedDisk(world.loadOptions(), connectOptions("nbd")).close();
  const std::string events = world.events();
  EXPECT_EQ(std::count(events.begin(), events.end(), '\n'), 2);
  EXPECT(events.starts_with("attach\t"));
  EXPECT_CONTAINS(events, "\ndetach\t");
}

TEST(latencyOverlapsOnNetworkTransportsOnly) {
  const LabWorld world(Bytes(kMiB, 1));
  const ScopedEnvironment scoped(world.environment({{"COLDFRAME_LAB_VDDK_LATENCY_MS", "20"}}));
  const auto elapsed = [&world](const std::string& transport) {
    OpenedDisk opened(world.loadOptions(), connectOptions(transport));
    Buffer buffer(16 * 4096);
    const auto start = std::chrono::steady_clock::now();
    for (uint64_t i = 0; i < 16; i++) {
      opened.disk->submitRead({i * 4096, 4096, buffer.data() + i * 4096, [](void*, std::unique_ptr<Error>) {}, nullptr});
    }
    opened.disk->drain();
    const auto time = std::chrono::steady_clock::now() - start;
    opened.close();
    return time;
  };
  // A lower bound cannot fail on a slow machine: sixteen sleeps, one by one.
  EXPECT(elapsed("hotadd") >= std::chrono::milliseconds(16 * 20));
  EXPECT(elapsed("nbd") >= std::chrono::milliseconds(20));
}

TEST(refusesUnalignedBuffersOnUnbufferedDisks) {
  const LabWorld world(Bytes(kMiB, 1));
  const ScopedEnvironment scoped(world.environment());
  OpenedDisk opened(world.loadOptions(), connectOptions("hotadd", false), {.unbuffered = true});
  Buffer buffer(8192);
  const auto submit = [&] {
    opened.disk->submitWrite({0, 4096, buffer.data() + 8, [](void*, std::unique_ptr<Error>) {}, nullptr});
  };
  EXPECT_EQ(nameOfError(submit), "VIX_E_INVALID_ARG");
  opened.close();
}

TEST(aShortReadLeavesTheLastSectorUntouched) {
  const LabWorld world(Bytes(kMiB, 7));
  const ScopedEnvironment scoped(world.environment({{"COLDFRAME_LAB_VDDK_FAULTS", "ReadAsync:1:short"}}));
  OpenedDisk opened(world.loadOptions(), connectOptions("nbd"));
  Buffer buffer(4096);
  std::fill_n(buffer.data(), buffer.size(), uint8_t{0});
  readAt(*opened.disk, 0, buffer);
  EXPECT_EQ(buffer.bytes()[4096 - 513], 7);
  EXPECT_EQ(buffer.bytes()[4096 - 512], 0);
  opened.close();
}

}  // namespace

}  // namespace coldframe::test
