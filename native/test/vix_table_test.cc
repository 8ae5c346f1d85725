// Finding and loading the library, its version, its log and its errors.
#include <algorithm>
#include <filesystem>
#include <mutex>

#include "../core/failures.h"
#include "../core/vix_error.h"
#include "../core/vix_functions.h"
#include "harness.h"
#include "lab_world.h"

namespace coldframe::test {

namespace {

const Bytes kSmallDisk(1 << 20, 0x5A);

TEST(loadsTheLibraryAndTellsItsVersion) {
  const LabWorld world(kSmallDisk);
  const auto library = VixLibrary::load(world.loadOptions());
  EXPECT_EQ(library->major(), 8U);
  EXPECT_EQ(library->version(), "8.0.3 build-1");
  EXPECT(library->missingOptional().empty());
  EXPECT_CONTAINS(library->path(), "/lib64/libvixDiskLib.so.8");
  const std::vector<std::string> modes = library->transportModes();
  EXPECT_EQ(modes.size(), 5U);
  EXPECT_EQ(modes[2], "hotadd");
  library->exit();
  library->exit();
}

TEST(findsALibraryWithoutLib64AndPrefersTheNewest) {
  const LabWorld world(kSmallDisk);
  const std::string flat = world.dir / "flat";
  std::filesystem::create_directory(flat);
  std::filesystem::copy(labLibrary("info56") + "/lib64/libvixDiskLib.so.6", flat + "/libvixDiskLib.so.6");
  LoadOptions options = world.loadOptions();
  options.libDir = flat + "/";
  const auto older = VixLibrary::load(options);
  EXPECT_EQ(older->major(), 6U);
  older->exit();
  std::filesystem::copy(labLibrary() + "/lib64/libvixDiskLib.so.8", flat + "/libvixDiskLib.so.8");
  const auto newer = VixLibrary::load(options);
  EXPECT_EQ(newer->major(), 8U);
  newer->exit();
}

TEST(acceptsTheLib64FolderItself) {
  const LabWorld world(kSmallDisk);
  LoadOptions options = world.loadOptions();
  options.libDir += "/lib64";
  const auto library = VixLibrary::load(options);
  EXPECT_EQ(library->major(), 8U);
  library->exit();
}

TEST(saysWhereItLookedForAMissingLibrary) {
  const LabWorld world(kSmallDisk);
  LoadOptions options = world.loadOptions();
  options.libDir = world.dir / "nothing";
  const Error error = errorOf([&] { VixLibrary::load(options); });
  EXPECT_EQ(error.name, kLibraryMissing);
  EXPECT_CONTAINS(error.text, "nothing/lib64/libvixDiskLib.so.9");
  EXPECT_CONTAINS(error.text, "nothing/libvixDiskLib.so.6");
  options.libDir = "relative/path";
  EXPECT_EQ(nameOfError([&] { VixLibrary::load(options); }), kBadRequest);
}

TEST(namesEverySymbolThatAForeignLibraryLacks) {
  const LabWorld world(kSmallDisk);
  const Error error = errorOf([&] { VixLibrary::load(world.loadOptions("empty")); });
  EXPECT_EQ(error.name, kLibraryMissing);
#define COLDFRAME_EXPECT_NAMED(name, ...) EXPECT_CONTAINS(error.text + " ", " VixDiskLib_" #name " ");
  COLDFRAME_VIX_REQUIRED(COLDFRAME_EXPECT_NAMED)
#undef COLDFRAME_EXPECT_NAMED
}

TEST(refusesASecondLibraryInTheProcess) {
  const LabWorld world(kSmallDisk);
  const auto library = VixLibrary::load(world.loadOptions());
  EXPECT_EQ(nameOfError([&] { VixLibrary::load(world.loadOptions()); }), kBadRequest);
  library->exit();
}

TEST(reportsAFailedInitialisationAndCanTryAgain) {
  const LabWorld world(kSmallDisk);
  {
    const ScopedEnvironment scoped(world.environment({{"COLDFRAME_LAB_VDDK_FAULTS", "InitEx:1:error=16053"}}));
    const Error error = errorOf([&] { VixLibrary::load(world.loadOptions()); });
    EXPECT_EQ(error.name, "VIX_E_DISK_SUBSYSTEM_INIT_FAIL");
    EXPECT_EQ(error.function, "VixDiskLib_InitEx");
  }
  VixLibrary::load(world.loadOptions())->exit();
}

TEST(passesLogLinesOnAndMasksSecrets) {
  const LabWorld world(kSmallDisk);
  const ScopedEnvironment scoped(world.environment());
  std::mutex mutex;
  std::vector<std::string> lines;
  LoadOptions options = world.loadOptions();
  options.log = [&](LogLevel, std::string_view line) {
    const std::lock_guard lock(mutex);
    lines.emplace_back(line);
  };
  const auto library = VixLibrary::load(options);
  ConnectOptions connect = connectOptions("nbd");
  connect.server = "vcenter.test/correct horse/";
  VixConnection connection(library, connect);
  connection.connect();
  const Error error = errorOf([&] { connection.open(LabWorld::kPath, {}); });
  EXPECT_EQ(error.name, "VIX_E_FAIL");
  EXPECT(error.retry == Retry::kReconnect);
  EXPECT_EQ(error.disk, LabWorld::kPath);
  EXPECT(!error.warnings.empty());
  EXPECT_CONTAINS(error.warnings.back(), "vcenter.test/***/");
  connection.disconnect();
  library->exit();
  EXPECT_CONTAINS(lines.front(), "VixDiskLib (8.0.3)");
  const bool leaked = std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.find(LabWorld::kPassword) != std::string::npos;
  });
  EXPECT(!leaked);
}

void logLine(void (*callback)(const char*, va_list), const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  callback(format, arguments);
  va_end(arguments);
}

TEST(keepsABoundedRingOfWarningsAndNoLineCutsASecret) {
  VixLog& log = VixLog::instance();
  log.forget();
  log.addSecret("sesame-sesame");
  std::vector<std::pair<LogLevel, std::string>> seen;
  log.setSink([&](LogLevel level, std::string_view line) { seen.emplace_back(level, line); });
  for (size_t i = 0; i < VixLog::kKeptWarnings + 5; i++) logLine(&VixLog::onWarning, "warning %zu\n", i);
  EXPECT_EQ(log.lastWarnings(1000).size(), VixLog::kKeptWarnings);
  EXPECT_EQ(log.lastWarnings(1).front(), "warning " + std::to_string(VixLog::kKeptWarnings + 4));
  const std::string padding(5000, 'x');
  logLine(&VixLog::onLog, "%ssesame-sesame%s", padding.c_str(), padding.c_str());
  EXPECT_EQ(seen.back().second, padding + "***" + padding);
  logLine(&VixLog::onWarning, "VDDK_PhoneHome: nobody is at home\n");
  EXPECT(seen.back().first == LogLevel::kDebug);
  EXPECT_EQ(log.lastWarnings(1).front(), "warning " + std::to_string(VixLog::kKeptWarnings + 4));
  log.setSink(nullptr);
  log.forget();
}

TEST(knowsErrorsByTheirLow16Bits) {
  const Error lost = vixError(0xABCD00000000ULL | 14011, "ReadAsync");
  EXPECT_EQ(lost.name, "VIX_E_TCP_CONN_LOST");
  EXPECT_EQ(lost.raw, 0xABCD00000000ULL | 14011);
  EXPECT_EQ(lost.function, "VixDiskLib_ReadAsync");
  EXPECT(lost.retry == Retry::kReconnect);
  EXPECT(vixError(13, "Open").retry == Retry::kNextTransport);
  EXPECT(vixError(15, "Open").retry == Retry::kAgain);
  EXPECT(vixError(35, "ConnectEx").retry == Retry::kNo);
  EXPECT_EQ(vixError(17003, "Open").name, "VIX_E_CRYPTO_17003");
  EXPECT_EQ(vixError(59999, "Open").name, "VIX_E_59999");
  EXPECT(vixError(59999, "Open").retry == Retry::kNo);
}

}  // namespace

}  // namespace coldframe::test
