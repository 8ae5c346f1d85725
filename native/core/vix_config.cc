#include "vix_config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "failures.h"
#include "file_descriptor.h"

namespace coldframe {

namespace {

// 16 MiB in the file's unit of 64 KiB.
constexpr uint32_t kMostAioUnits = 256;

class Lines {
 public:
  void add(std::string_view key, std::string_view value) {
    for (const char c : value) {
      if (static_cast<unsigned char>(c) < 0x20 || c == '"') {
        throw ownError(kBadRequest, "vixConfigText",
                       "The value of " + std::string(key) + " holds a quote or a control character.");
      }
    }
    text_.append(key).append("=\"").append(value).append("\"\n");
  }
  void add(std::string_view key, uint32_t value) {
    text_.append(key).append("=").append(std::to_string(value)).append("\n");
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void makePrivateFolder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) throw systemError(errno, "mkdir", path);
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) throw systemError(errno, "lstat", path);
  // The library trusts what it finds there after a crash, so nobody else may write it.
  if (!S_ISDIR(status.st_mode) || status.st_uid != ::geteuid()) {
    Error error = ownError(kBadRequest, "writeVixConfig", "The folder must exist and belong to coldframe's user.");
    error.disk = path;
    throw error;
  }
  if (::chmod(path.c_str(), 0700) != 0) throw systemError(errno, "chmod", path);
}

void writeWhole(int fd, const std::string& text, const std::string& path) {
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(fd, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw systemError(errno, "write", path);
    written += static_cast<size_t>(count);
  }
}

}  // namespace

std::string vixConfigText(const VixConfig& config, const std::string& tmpDirectory) {
  const uint32_t units = std::clamp(config.aioBufferUnits, 1U, kMostAioUnits);
  const uint32_t count = std::clamp(config.aioBufferCount, 1U, kMostAioUnits / units);
  Lines lines;
  lines.add("tmpDirectory", tmpDirectory);
  lines.add("vixDiskLib.transport.LogLevel", config.transportLogLevel);
  lines.add("vixDiskLib.nfc.LogLevel", config.nfcLogLevel);
  lines.add("vixDiskLib.disklib.EnableCache", 0);
  lines.add("vixDiskLib.phoneHome.EnablePhoneHome", 0);
  lines.add("vixDiskLib.nfc.AcceptTimeoutMs", config.nfcAcceptTimeoutMs);
  lines.add("vixDiskLib.nfc.RequestTimeoutMs", config.nfcRequestTimeoutMs);
  // Releases disagree about the spelling of these two, and ignore the other one.
  lines.add("vixDiskLib.nfc.ReadTimeoutMs", config.nfcReadTimeoutMs);
  lines.add("vixDiskLib.nfc.ReadTimeoutsMs", config.nfcReadTimeoutMs);
  lines.add("vixDiskLib.nfc.WriteTimeoutMs", config.nfcWriteTimeoutMs);
  lines.add("vixDiskLib.nfc.WriteTimeoutsMs", config.nfcWriteTimeoutMs);
  lines.add("vixDiskLib.nfcAio.Session.BufSizeIn64KB", units);
  lines.add("vixDiskLib.nfcAio.Session.BufCount", count);
  // 8.0 renamed these.
  if (!config.sanAllow.empty()) {
    lines.add("vixDiskLib.transport.san.allowList", config.sanAllow);
    lines.add("vixDiskLib.transport.san.whitelist", config.sanAllow);
  }
  if (!config.sanDeny.empty()) {
    lines.add("vixDiskLib.transport.san.denyList", config.sanDeny);
    lines.add("vixDiskLib.transport.san.blacklist", config.sanDeny);
  }
  if (config.hotaddWithoutNfc) lines.add("vixDiskLib.transport.hotadd.NoNfcSession", 1);
  return lines.take();
}

std::string writeVixConfig(const VixConfig& config, const std::string& stateDir) {
  const std::string tmpDirectory = stateDir + "/tmp";
  makePrivateFolder(stateDir);
  makePrivateFolder(tmpDirectory);
  const std::string path = stateDir + "/vixdisklib.conf";
  // Workers share the folder: a rename keeps each from reading half a file.
  const std::string partial = path + "." + std::to_string(::getpid());
  FileDescriptor file(::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) throw systemError(errno, "open", partial);
  writeWhole(file.get(), vixConfigText(config, tmpDirectory), partial);
  if (file.reset() != 0) throw systemError(errno, "close", partial);
  if (::rename(partial.c_str(), path.c_str()) != 0) throw systemError(errno, "rename", path);
  return path;
}

}  // namespace coldframe
