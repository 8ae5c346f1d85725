// Connecting, opening, and what a VM's access and Cleanup leave behind.
#include <thread>

#include "../core/failures.h"
#include "harness.h"
#include "lab_world.h"

namespace coldframe::test {

namespace {

const Bytes kDisk = randomBytes(1 << 20, 1);

/// Connects and opens with the options; the error, whichever call had it.
Error refusal(const LabWorld& world, const ConnectOptions& options, const std::string& path = LabWorld::kPath) {
  const auto library = VixLibrary::load(world.loadOptions());
  const Error error = errorOf([&] {
    VixConnection connection(library, options);
    connection.connect();
    connection.open(path, {.readOnly = options.readOnly});
  });
  library->exit();
  return error;
}

TEST(opensTheSnapshotsDiskByTheFirstTransportAllowed) {
  const LabWorld world(kDisk);
  const ScopedEnvironment scoped(world.environment());
  OpenedDisk opened(world.loadOptions(), connectOptions("file:hotadd:nbdssl"));
  const DiskInfo& info = opened.disk->info();
  EXPECT_EQ(info.transport, "hotadd");
  EXPECT(!info.async);
  EXPECT_EQ(info.capacityBytes, kDisk.size());
  EXPECT_EQ(info.logicalSectorBytes, 512U);
  EXPECT_EQ(info.physicalSectorBytes, 4096U);
  EXPECT_EQ(info.uuid, "6000C29a-0000");
  EXPECT_EQ(nameOfError([&] { opened.connection->disconnect(); }), kBadRequest);
  opened.close();
  EXPECT_CONTAINS(world.events(), "attach\tvm-1\t[store] app/app.vmdk\t");
  EXPECT_CONTAINS(world.events(), "detach\tvm-1\t[store] app/app.vmdk\t");
}

TEST(namesWhatIsWrongWithAConnection) {
  const LabWorld world(kDisk);
  const ScopedEnvironment scoped(world.environment());
  ConnectOptions password = connectOptions("nbd");
  password.password = "wrong";
  const Error refused = refusal(world, password);
  EXPECT_EQ(refused.name, "VIX_E_AUTHENTICATION_FAIL");
  EXPECT_EQ(refused.function, "VixDiskLib_ConnectEx");
  EXPECT(refused.retry == Retry::kNo);

  ConnectOptions thumbprint = connectOptions("nbd");
  thumbprint.thumbprint = "AA:BB:CD";
  const Error unreachable = refusal(world, thumbprint);
  EXPECT_EQ(unreachable.name, "VIX_E_FAIL");
  EXPECT_EQ(unreachable.function, "VixDiskLib_Open");

  ConnectOptions port = connectOptions("nbd");
  port.port = 8443;
  EXPECT_EQ(refusal(world, port).raw, 1U);
  ConnectOptions vm = connectOptions("nbd");
  vm.vmMoref = "vm-2";
  EXPECT_EQ(refusal(world, vm).raw, 4000U);
  ConnectOptions snapshot = connectOptions("nbd");
  snapshot.snapshotMoref = "snapshot-8";
  EXPECT_EQ(refusal(world, snapshot).raw, 25U);
  EXPECT_EQ(refusal(world, connectOptions("nbd"), "[store] other.vmdk").raw, 4U);
  const Error transport = refusal(world, connectOptions("file"));
  EXPECT_EQ(transport.raw, 13U);
  EXPECT(transport.retry == Retry::kNextTransport);
}

TEST(refusesAnIncompleteConnectionBeforeTheLibraryCrashes) {
  const LabWorld world(kDisk);
  const auto library = VixLibrary::load(world.loadOptions());
  for (const auto field : {&ConnectOptions::thumbprint, &ConnectOptions::vmMoref, &ConnectOptions::user}) {
    ConnectOptions options = connectOptions("nbd");
    options.*field = "";
    EXPECT_EQ(nameOfError([&] { VixConnection(library, options); }), kBadRequest);
  }
  library->exit();
}

TEST(connectsWithACookie) {
  const LabWorld world(kDisk);
  writeText(world.dir / "map", readText(world.dir / "map") + "cookie\tvmware_soap_session=\"abc\"\n");
  const ScopedEnvironment scoped(world.environment());
  ConnectOptions options = connectOptions("nbdssl");
  options.password = "not used";
  options.sessionCookie = "vmware_soap_session=\"abc\"";
  OpenedDisk(world.loadOptions(), options).close();
  options.sessionCookie = "vmware_soap_session=\"old\"";
  EXPECT_EQ(refusal(world, options).raw, 35U);
}

TEST(opensForWritingOnlyWhatMayBeWritten) {
  const LabWorld world(kDisk);
  const ScopedEnvironment scoped(world.environment());
  ConnectOptions snapshot = connectOptions("nbd");
  snapshot.readOnly = false;
  EXPECT_EQ(refusal(world, snapshot).name, "VIX_E_FILE_READ_ONLY");
  OpenedDisk opened(world.loadOptions(), connectOptions("hotadd", false), {.unbuffered = true});
  const Error second = errorOf([&] { opened.connection->open(LabWorld::kPath, {.readOnly = false}); });
  EXPECT_EQ(second.name, "VIX_E_FILE_ALREADY_LOCKED");
  EXPECT(second.retry == Retry::kAgain);
  opened.close();
}

TEST(opensLocalFilesWithoutAServer) {
  const LabWorld world(kDisk);
  const auto library = VixLibrary::load(world.loadOptions());
  VixConnection connection(library, {});
  connection.connect();
  const auto disk = connection.open(world.rawFile(), {});
  EXPECT_EQ(disk->info().transport, "file");
  Buffer buffer(4096);
  readAt(*disk, 8192, buffer);
  EXPECT(buffer.bytes() == Bytes(kDisk.begin() + 8192, kDisk.begin() + 12288));
  disk->close();
  EXPECT_EQ(nameOfError([&] { connection.open(world.dir / "absent", {}); }), "VIX_E_FILE_NOT_FOUND");
  connection.disconnect();
  library->exit();
}

TEST(closesTheHandleWhenItsInfoCannotBeRead) {
  const LabWorld world(kDisk);
  const ScopedEnvironment scoped(world.environment({{"COLDFRAME_LAB_VDDK_FAULTS", "GetInfo:1:error=36"}}));
  const auto library = VixLibrary::load(world.loadOptions());
  VixConnection connection(library, connectOptions("hotadd"));
  connection.connect();
  const Error error = errorOf([&] { connection.open(LabWorld::kPath, {}); });
  EXPECT_EQ(error.name, "VIX_E_HOST_CONNECTION_LOST");
  EXPECT_EQ(error.disk, LabWorld::kPath);
  EXPECT_CONTAINS(world.events(), "detach");
  connection.disconnect();
  library->exit();
}

TEST(preparesAndEndsAccess) {
  const LabWorld world(kDisk);
  const ScopedEnvironment scoped(world.environment());
  const auto library = VixLibrary::load(world.loadOptions());
  ConnectOptions options = connectOptions("nbd");
  options.identity = "coldframe-42";
  VixConnection connection(library, options);
  connection.prepareForAccess();
  connection.endAccess();
  EXPECT_CONTAINS(world.events(), "prepare\tvm-1\tcoldframe-42\t");
  EXPECT_CONTAINS(world.events(), "end\tvm-1\tcoldframe-42\t");
  options.identity = std::string(51, 'x');
  VixConnection other(library, options);
  EXPECT_EQ(nameOfError([&] { other.prepareForAccess(); }), kBadRequest);
  library->exit();
}

LoadOptions childLoadOptions() {
  LoadOptions options;
  options.libDir = labLibrary();
  options.stateDir = std::getenv("COLDFRAME_TEST_STATE");
  return options;
}

CHILD(childCrashesWithADiskAttached) {
  const OpenedDisk opened(childLoadOptions(), connectOptions("hotadd"));
  std::abort();
}

CHILD(childCleansUp) {
  const auto library = VixLibrary::load(childLoadOptions());
  VixConnection connection(library, connectOptions("hotadd"));
  const CleanupResult result = connection.cleanup();
  EXPECT_EQ(result.cleaned, 1U);
  EXPECT_EQ(result.remaining, 1U);
  EXPECT_EQ(connection.cleanup().cleaned, 0U);
  library->exit();
}

TEST(cleanupUndoesACrashAndLeavesTheLivingAlone) {
  const LabWorld world(kDisk);
  const ScopedEnvironment scoped(world.environment());
  EXPECT_EQ(runChild("childCrashesWithADiskAttached", {}).status, -6);
  OpenedDisk living(world.loadOptions(), connectOptions("hotadd"));
  const ChildResult cleaner = runChild("childCleansUp", {});
  EXPECT_CONTAINS(cleaner.output + "ok", "ok");
  EXPECT_EQ(cleaner.status, 0);
  living.close();
}

TEST(keepsControlCallsOnTheControlThread) {
  const LabWorld world(kDisk);
  const ScopedEnvironment scoped(world.environment());
  OpenedDisk opened(world.loadOptions(), connectOptions("nbd"));
  std::string names;
  std::thread other([&] {
    names += nameOfError([&] { opened.connection->open(LabWorld::kPath, {}); }) + ' ';
    names += nameOfError([&] { opened.disk->allocated(0, 4096); }) + ' ';
    names += nameOfError([&] { opened.disk->readMetadata(); }) + ' ';
    names += nameOfError([&] { opened.disk->close(); }) + ' ';
    names += nameOfError([&] { opened.connection->disconnect(); }) + ' ';
    names += nameOfError([&] { opened.library->exit(); });
  });
  other.join();
  const std::string rule = kThreadRule;
  EXPECT_EQ(names, rule + ' ' + rule + ' ' + rule + ' ' + rule + ' ' + rule + ' ' + rule);
  opened.close();
}

}  // namespace

}  // namespace coldframe::test
