// VMware's library, loaded once into this process. Lives in the disk worker:
// loading it into node is possible for the lab's stand-in, never advised for
// the real one, whose OpenSSL clashes with node's.
//
// Threads: load() makes the calling thread the control thread; everything here
// and every open, map, metadata and close call belongs to it. Threads that read
// and write must be started after load().
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "error.h"
#include "thread_rule.h"
#include "vix_config.h"
#include "vix_log.h"

namespace coldframe {

struct VixFunctions;

/// How many of the library's last warnings travel with an Error.
inline constexpr size_t kWarningsInAnError = 8;

struct LoadOptions {
  /// Root of the unpacked distribution, the parent of lib64/.
  std::string libDir;
  /// Our configuration file and the library's crash state live here. Private,
  /// and the same in every run, or Cleanup finds nothing.
  std::string stateDir;
  /// API level that we speak; newer libraries accept older levels.
  uint32_t apiMajor = 6;
  uint32_t apiMinor = 5;
  VixConfig config;
  /// May be called from any thread, concurrently. Empty: lines are only kept
  /// in the ring of warnings.
  LogSink log;
};

class VixLibrary {
 public:
  /// Finds, loads and initialises. Throws Error: kLibraryMissing with every path
  /// tried or every symbol missing, or InitEx's own.
  static std::shared_ptr<VixLibrary> load(const LoadOptions& options);

  ~VixLibrary();
  VixLibrary(const VixLibrary&) = delete;
  VixLibrary& operator=(const VixLibrary&) = delete;

  /// Major of the soname that was found, 6 to 9.
  unsigned major() const { return major_; }
  /// "8.0.2 build-22388865" where the library says it, else from the file name.
  std::string version() const;
  /// The file that was loaded, links resolved.
  const std::string& path() const { return path_; }
  /// What the library could do here: file, san, hotadd, nbdssl, nbd.
  std::vector<std::string> transportModes();
  /// Functions that this release lacks and that we can do without.
  const std::vector<std::string>& missingOptional() const { return missing_; }

  const VixFunctions& functions() const { return *functions_; }
  VixLog& log() { return *log_; }
  const ThreadRule& control() const { return control_; }

  /// An Error for a code, with the library's own text and the last warnings.
  Error error(uint64_t code, const std::string& function);

  /// Takes about a second, and has been seen to hang: call it under a watchdog.
  /// Every connection must be gone. Later calls do nothing.
  void exit();

 private:
  VixLibrary();  // Only load() makes one.

  ThreadRule control_;
  std::unique_ptr<VixFunctions> functions_;
  VixLog* log_ = nullptr;
  unsigned major_ = 0;
  std::string path_;
  std::vector<std::string> missing_;
  bool initialised_ = false;
};

}  // namespace coldframe
