// The stand-in as nbdkit's vddk plugin uses it: local, no config file, most
// parameters null, calls of one disk from changing threads but never at once.
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <functional>
#include <thread>

#include "../core/vix_functions.h"
#include "harness.h"
#include "lab_world.h"

namespace coldframe::test {

namespace {

using namespace coldframe::abi;

constexpr size_t kMiB = 1 << 20;

void quiet(const char*, va_list) {}

VixFunctions loadTable() {
  void* library = ::dlopen((labLibrary() + "/lib64/libvixDiskLib.so.8").c_str(), RTLD_NOW);
  if (library == nullptr) throw Failure{::dlerror()};
  VixFunctions table;
#define COLDFRAME_TEST_LOAD(name, ...) \
  table.name = reinterpret_cast<Signatures::name*>(::dlsym(library, "VixDiskLib_" #name));
  COLDFRAME_VIX_REQUIRED(COLDFRAME_TEST_LOAD)
  COLDFRAME_VIX_OPTIONAL(COLDFRAME_TEST_LOAD)
#undef COLDFRAME_TEST_LOAD
  return table;
}

/// Runs the work on another thread; what it throws is thrown here.
void elsewhere(const std::function<void()>& work) {
  std::exception_ptr thrown;
  std::thread([&] {
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
}

void countDone(void* context, VixError result) {
  if (result == kOk) ++*static_cast<std::atomic<int>*>(context);
}

TEST(servesAFileTheWayThatNbdkitAsks) {
  const Bytes bytes = randomBytes(kMiB, 8);
  const LabWorld world(bytes);
  const VixFunctions vix = loadTable();
  EXPECT_EQ(vix.InitEx(6, 5, quiet, quiet, quiet, labLibrary().c_str(), nullptr), kOk);
  ConnectParams* params = vix.AllocateConnectParams();
  const ConnectParams zero{};
  EXPECT_EQ(std::memcmp(params, &zero, sizeof zero), 0);
  Connection connection = nullptr;
  Handle handle = nullptr;
  Buffer buffer(kMiB);
  std::atomic<int> done{0};
  EXPECT_EQ(vix.ConnectEx(params, 0, nullptr, nullptr, &connection), kOk);
  elsewhere([&] { EXPECT_EQ(vix.Open(connection, world.rawFile().c_str(), 0, &handle), kOk); });
  EXPECT_EQ(std::string(vix.GetTransportMode(handle)), "file");
  elsewhere([&] {
    Info* info = nullptr;
    EXPECT_EQ(vix.GetInfo(handle, &info), kOk);
    EXPECT_EQ(info->capacitySectors, kMiB / 512);
    EXPECT(info->uuid == nullptr);
    EXPECT(info->parentFileNameHint == nullptr);
    vix.FreeInfo(info);
    BlockList* blocks = nullptr;
    EXPECT_EQ(vix.QueryAllocatedBlocks(handle, 0, 128, 128, &blocks), kOk);
    EXPECT_EQ(blocks->count, 1U);
    EXPECT_EQ(vix.FreeBlockList(blocks), kOk);
    EXPECT_EQ(vix.QueryAllocatedBlocks(handle, 64, 128, 128, &blocks), 3U);
    EXPECT_EQ(vix.QueryAllocatedBlocks(handle, 0, 128, 64, &blocks), 3U);
    EXPECT_EQ(vix.QueryAllocatedBlocks(handle, 0, kMiB, 128, &blocks), 16007U);
    EXPECT_EQ(vix.ReadAsync(handle, 0, kMiB / 512, buffer.data(), countDone, &done), kAccepted);
    EXPECT_EQ(vix.ReadAsync(handle, kMiB / 512, 1, buffer.data(), countDone, &done), 16007U);
    EXPECT_EQ(vix.Wait(handle), kOk);
    EXPECT(buffer.bytes() == bytes);
    std::reverse(buffer.data(), buffer.data() + kMiB);
    EXPECT_EQ(vix.WriteAsync(handle, 0, kMiB / 512, buffer.data(), countDone, &done), kAccepted);
    EXPECT_EQ(vix.Wait(handle), kOk);
    EXPECT_EQ(vix.Flush(handle), kOk);
  });
  EXPECT_EQ(done.load(), 2);
  elsewhere([&] { EXPECT_EQ(vix.Close(handle), kOk); });
  EXPECT_EQ(vix.Disconnect(connection), kOk);
  vix.FreeConnectParams(params);
  char* text = vix.GetErrorText(13, nullptr);
  EXPECT_EQ(std::string(text), "The disk could not be accessed this way");
  vix.FreeErrorText(text);
  vix.Exit();
  EXPECT(readFile(world.rawFile()) == Bytes(bytes.rbegin(), bytes.rend()));
}

TEST(createsLocalDisksAndRefusesToOnAServer) {
  const LabWorld world({});
  const ScopedEnvironment scoped(world.environment());
  const VixFunctions vix = loadTable();
  EXPECT_EQ(vix.InitEx(6, 5, quiet, quiet, quiet, nullptr, nullptr), kOk);
  Connection connection = nullptr;
  EXPECT_EQ(vix.ConnectEx(nullptr, 0, nullptr, nullptr, &connection), kOk);
  CreateParams create{};
  create.diskType = 2;
  create.capacitySectors = 2048;
  const std::string path = world.dir / "new";
  EXPECT_EQ(vix.Create(connection, path.c_str(), &create, nullptr, nullptr), kOk);
  EXPECT_EQ(readFile(path).size(), kMiB);
  EXPECT_EQ(vix.Create(connection, path.c_str(), &create, nullptr, nullptr), 12U);
  EXPECT_EQ(vix.Disconnect(connection), kOk);
  ConnectParams params{};
  std::string server = "vcenter.test";
  params.serverName = server.data();
  // Missing strings, which would crash the real library.
  EXPECT_EQ(vix.ConnectEx(&params, 1, nullptr, nullptr, &connection), 3U);
  EXPECT_EQ(vix.Cleanup(&params, nullptr, nullptr), kOk);
  std::string vm = "moref=vm-1";
  params.vmxSpec = vm.data();
  EXPECT_EQ(vix.Cleanup(&params, nullptr, nullptr), 3U);
  vix.Exit();
}

}  // namespace

}  // namespace coldframe::test
