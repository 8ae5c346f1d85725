// The configuration file.
#include <sys/stat.h>
#include <unistd.h>

#include "../core/failures.h"
#include "../core/vix_config.h"
#include "harness.h"
#include "lab_world.h"

namespace coldframe::test {

namespace {

TEST(configNamesTheStateFolderAndSwitchesPhoneHomeOff) {
  const TempDir dir;
  const std::string path = writeVixConfig({}, dir / "state");
  EXPECT_EQ(path, dir / "state/vixdisklib.conf");
  const std::string text = readText(path);
  EXPECT_CONTAINS(text, "tmpDirectory=\"" + (dir / "state/tmp") + "\"\n");
  EXPECT_CONTAINS(text, "vixDiskLib.phoneHome.EnablePhoneHome=0\n");
  EXPECT_CONTAINS(text, "vixDiskLib.nfc.ReadTimeoutMs=60000\n");
  EXPECT_CONTAINS(text, "vixDiskLib.nfc.ReadTimeoutsMs=60000\n");
  EXPECT(text.find("san.") == std::string::npos);
  EXPECT(text.find("NoNfcSession") == std::string::npos);
}

TEST(configIsPrivateAndLeavesNoPartialFile) {
  const TempDir dir;
  const std::string state = dir / "state";
  ::mkdir(state.c_str(), 0777);
  ::chmod(state.c_str(), 0777);
  const std::string path = writeVixConfig({}, state);
  writeVixConfig({}, state);
  struct stat status {};
  ::stat(state.c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
  ::stat((state + "/tmp").c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
  ::stat(path.c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT(::access((path + "." + std::to_string(::getpid())).c_str(), F_OK) != 0);
}

TEST(configWritesBothSpellingsOfSanLists) {
  VixConfig config;
  config.sanAllow = "/dev/sdb,/dev/sdc";
  config.sanDeny = "all";
  config.hotaddWithoutNfc = true;
  const std::string text = vixConfigText(config, "/state/tmp");
  for (const char* name : {"allowList", "whitelist"}) {
    EXPECT_CONTAINS(text, "vixDiskLib.transport.san." + std::string(name) + "=\"/dev/sdb,/dev/sdc\"\n");
  }
  for (const char* name : {"denyList", "blacklist"}) {
    EXPECT_CONTAINS(text, "vixDiskLib.transport.san." + std::string(name) + "=\"all\"\n");
  }
  EXPECT_CONTAINS(text, "vixDiskLib.transport.hotadd.NoNfcSession=1\n");
}

TEST(configCapsNfcBuffersAt16MiB) {
  const auto buffers = [](uint32_t units, uint32_t count) {
    VixConfig config;
    config.aioBufferUnits = units;
    config.aioBufferCount = count;
    return vixConfigText(config, "/state/tmp");
  };
  EXPECT_CONTAINS(buffers(16, 4), "BufSizeIn64KB=16\nvixDiskLib.nfcAio.Session.BufCount=4\n");
  EXPECT_CONTAINS(buffers(64, 64), "BufSizeIn64KB=64\nvixDiskLib.nfcAio.Session.BufCount=4\n");
  EXPECT_CONTAINS(buffers(100'000, 0), "BufSizeIn64KB=256\nvixDiskLib.nfcAio.Session.BufCount=1\n");
}

TEST(configRefusesValuesThatBreakOutOfTheirLine) {
  VixConfig config;
  config.sanDeny = "all\"\nvixDiskLib.phoneHome.EnablePhoneHome=1";
  EXPECT_EQ(nameOfError([&] { vixConfigText(config, "/state/tmp"); }), kBadRequest);
  EXPECT_EQ(nameOfError([] { vixConfigText({}, "/state\n/tmp"); }), kBadRequest);
}

TEST(configRefusesAStateFolderThatIsALink) {
  const TempDir dir;
  ::mkdir((dir / "elsewhere").c_str(), 0700);
  ::symlink((dir / "elsewhere").c_str(), (dir / "state").c_str());
  EXPECT_EQ(nameOfError([&] { writeVixConfig({}, dir / "state"); }), kBadRequest);
}

}  // namespace

}  // namespace coldframe::test
