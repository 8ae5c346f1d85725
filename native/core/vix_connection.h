// One VM's disks as VixDiskLib sees them.
//
// Order: [prepareForAccess] -> snapshot -> connect -> open ... close -> disconnect
// -> [endAccess] -> snapshot removed -> [cleanup]. After a crash a fresh process
// calls endAccess and cleanup with the same options and no connect().
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "disk.h"
#include "vix_abi.h"
#include "vix_library.h"

namespace coldframe {

struct ConnectOptions {
  /// vCenter or ESXi without a scheme. Empty: local disk files.
  std::string server;
  uint32_t port = 443;
  uint32_t nfcPort = 902;
  /// Of the server's certificate, colon-separated hex.
  std::string thumbprint;
  std::string user;
  std::string password;
  /// Cookie of a connection that has logged in; used instead of the password.
  std::string sessionCookie;
  std::string vmMoref;
  /// Always set for backups; empty for a restore to a VM without snapshots.
  std::string snapshotMoref;
  bool readOnly = true;
  /// Colon-separated, in order of preference. Empty: the library's own order.
  std::string transports;
  /// Who prepareForAccess acts for, at most 50 characters.
  std::string identity = "coldframe";
};

enum class Compression : uint8_t { kNone = 0, kZlib = 1, kFastlz = 2, kSkipz = 3 };

struct OpenOptions {
  bool readOnly = true;
  /// Wanted for writing by hotadd and san.
  bool unbuffered = false;
  /// Only nbd and nbdssl take notice of it.
  Compression compression = Compression::kNone;
};

struct CleanupResult {
  uint32_t cleaned = 0;
  uint32_t remaining = 0;
};

class VixConnection {
 public:
  VixConnection(std::shared_ptr<VixLibrary> library, const ConnectOptions& options);
  /// Disconnects; failures there are dropped, so call disconnect() first.
  ~VixConnection();
  VixConnection(const VixConnection&) = delete;
  VixConnection& operator=(const VixConnection&) = delete;

  /// Success is no proof that the server can be reached: a wrong thumbprint may
  /// show only in open().
  void connect();
  /// `path` is "[datastore] folder/name.vmdk", or a file where there is no
  /// server. The disk must be closed before disconnect().
  std::unique_ptr<Disk> open(const std::string& path, const OpenOptions& options);
  /// Throws Error(kBadRequest) while disks are open.
  void disconnect();

  /// Keeps the VM from migrating. Journal it before, call endAccess after.
  void prepareForAccess();
  void endAccess();
  /// Removes what crashed processes that used the same stateDir left behind.
  CleanupResult cleanup();

 private:
  using AccessFunction = uint64_t(const abi::ConnectParams* params, const char* identity);
  void access(const char* name, AccessFunction* function);

  const std::shared_ptr<VixLibrary> library_;
  const ConnectOptions options_;
  const std::shared_ptr<unsigned> openDisks_ = std::make_shared<unsigned>(0);
  abi::Connection connection_ = nullptr;
};

}  // namespace coldframe
