#include "vix_library.h"

#include <dlfcn.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <string_view>

#include "failures.h"
#include "vix_error.h"
#include "vix_functions.h"

namespace coldframe {

namespace {

constexpr unsigned kNewestMajor = 9;
constexpr unsigned kOldestMajor = 6;

// The log callbacks have no context and InitEx is once per process.
std::atomic<bool> loaded{false};

struct Found {
  void* handle = nullptr;
  unsigned major = 0;
  std::string path;
  /// What InitEx wants: the folder that holds lib64/.
  std::string root;
};

std::string withoutTrailingSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string rootOf(const std::string& libDir, bool flat) {
  constexpr std::string_view kLib64 = "/lib64";
  // Given the lib64 folder itself, the library would look for its plugin in
  // lib64/lib64 and silently do without HotAdd and SAN.
  if (flat && libDir.size() > kLib64.size() && libDir.ends_with(kLib64)) {
    return libDir.substr(0, libDir.size() - kLib64.size());
  }
  return libDir;
}

Found findLibrary(const std::string& given) {
  const std::string libDir = withoutTrailingSlash(given);
  if (libDir.empty() || libDir.front() != '/') {
    throw ownError(kBadRequest, "dlopen", "The folder of VMware's library must be an absolute path.");
  }
  std::string tried;
  for (unsigned major = kNewestMajor; major >= kOldestMajor; major--) {
    for (const bool flat : {false, true}) {
      const std::string path =
          libDir + (flat ? "" : "/lib64") + "/libvixDiskLib.so." + std::to_string(major);
      if (void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
        return {handle, major, path, rootOf(libDir, flat)};
      }
      // dlerror names what is missing: the file itself, or one that it needs.
      const char* reason = ::dlerror();
      tried += "\n  " + (reason != nullptr ? std::string(reason) : path);
    }
  }
  throw ownError(kLibraryMissing, "dlopen",
                 "VMware's library could not be loaded from " + libDir +
                     "; upload it, or set the folder that holds lib64. Tried:" + tried);
}

template <typename Function>
bool resolve(void* handle, const char* symbol, Function*& slot) {
  slot = reinterpret_cast<Function*>(::dlsym(handle, symbol));
  return slot != nullptr;
}

void loadTable(void* handle, VixFunctions& table, std::vector<std::string>& missingOptional) {
  std::string missing;
#define COLDFRAME_VIX_LOAD_REQUIRED(name, ...) \
  if (!resolve(handle, "VixDiskLib_" #name, table.name)) missing += " VixDiskLib_" #name;
#define COLDFRAME_VIX_LOAD_OPTIONAL(name, ...) \
  if (!resolve(handle, "VixDiskLib_" #name, table.name)) missingOptional.emplace_back("VixDiskLib_" #name);
  COLDFRAME_VIX_REQUIRED(COLDFRAME_VIX_LOAD_REQUIRED)
  COLDFRAME_VIX_OPTIONAL(COLDFRAME_VIX_LOAD_OPTIONAL)
#undef COLDFRAME_VIX_LOAD_REQUIRED
#undef COLDFRAME_VIX_LOAD_OPTIONAL
  if (!missing.empty()) {
    throw ownError(kLibraryMissing, "dlsym",
                   "This is not a VixDiskLib of release 6.5 or later; it lacks:" + missing);
  }
}

std::string resolvedPath(void* symbol, const std::string& fallback) {
  Dl_info where{};
  if (::dladdr(symbol, &where) == 0 || where.dli_fname == nullptr) return fallback;
  std::array<char, PATH_MAX> real{};
  return ::realpath(where.dli_fname, real.data()) != nullptr ? real.data() : fallback;
}

}  // namespace

VixLibrary::VixLibrary() = default;

VixLibrary::~VixLibrary() {
  try {
    exit();
  } catch (const Error&) {
    // Destroyed on another thread: the process is ending, and the library with it.
  }
}

std::shared_ptr<VixLibrary> VixLibrary::load(const LoadOptions& options) {
  if (loaded.exchange(true)) {
    throw ownError(kBadRequest, "InitEx", "VMware's library is loaded once a process, and it is loaded already.");
  }
  try {
    const Found found = findLibrary(options.libDir);
    std::shared_ptr<VixLibrary> library(new VixLibrary());
    library->functions_ = std::make_unique<VixFunctions>();
    VixFunctions& table = *library->functions_;
    loadTable(found.handle, table, library->missing_);
    library->major_ = found.major;
    library->path_ = resolvedPath(reinterpret_cast<void*>(table.InitEx), found.path);
    VixLog& log = VixLog::instance();
    library->log_ = &log;
    log.forget();
    log.setSink(options.log);
    const std::string config = writeVixConfig(options.config, options.stateDir);
    const abi::VixError result =
        table.InitEx(options.apiMajor, options.apiMinor, &VixLog::onLog, &VixLog::onWarning,
                     &VixLog::onPanic, found.root.c_str(), config.c_str());
    if (result != abi::kOk) throw library->error(result, "InitEx");
    library->initialised_ = true;
    return library;
  } catch (...) {
    VixLog::instance().setSink(nullptr);
    loaded = false;
    throw;
  }
}

std::string VixLibrary::version() const {
  const std::string said = log_->version();
  if (!said.empty()) return said;
  constexpr std::string_view kBefore = ".so.";
  const size_t found = path_.rfind(kBefore);
  return found == std::string::npos ? std::to_string(major_) : path_.substr(found + kBefore.size());
}

std::vector<std::string> VixLibrary::transportModes() {
  control_.require("ListTransportModes");
  const char* list = functions_->ListTransportModes != nullptr ? functions_->ListTransportModes() : nullptr;
  std::vector<std::string> modes;
  std::string_view rest = list != nullptr ? list : "";
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    const std::string_view mode = rest.substr(0, colon);
    if (!mode.empty()) modes.emplace_back(mode);
    rest = colon == rest.npos ? std::string_view{} : rest.substr(colon + 1);
  }
  return modes;
}

Error VixLibrary::error(uint64_t code, const std::string& function) {
  Error error = vixError(code, function);
  if (char* text = functions_->GetErrorText(code, nullptr)) {
    if (*text != '\0') error.text = log_->masked(text);
    functions_->FreeErrorText(text);
  }
  error.warnings = log_->lastWarnings(kWarningsInAnError);
  return error;
}

void VixLibrary::exit() {
  if (!initialised_) return;
  control_.require("Exit");
  initialised_ = false;
  // Never unloaded: threads of the library may outlive Exit.
  functions_->Exit();
  log_->setSink(nullptr);
  loaded = false;
}

}  // namespace coldframe
