// Exports: start, stop, error texts, and what concerns a whole VM.
#include <cstdlib>
#include <cstring>
#include <memory>

#include "../core/vix_error.h"
#include "exports.h"
#include "lab_codes.h"
#include "lab_library.h"

namespace coldframe::abi {

using namespace coldframe::lab;

namespace {

constexpr uint32_t kNewestApi = 8;

bool hasServer(const ConnectParams* params) { return params != nullptr && params->serverName != nullptr; }

VixError access(const ConnectParams* params, const char* identity, const char* event) {
  if (library().initialised == 0) return kNotInitialised;
  if (!hasServer(params) || params->vmxSpec == nullptr || identity == nullptr) return kInvalidArgument;
  const char* equals = std::strchr(params->vmxSpec, '=');
  appendEvent(library().settings, event, {equals != nullptr ? equals + 1 : params->vmxSpec, identity});
  return kOk;
}

}  // namespace

VixError VixDiskLib_InitEx(uint32_t major, uint32_t, LogCallback* log, LogCallback* warn, LogCallback* panic,
                           const char*, const char* configFile) {
  Library& lab = library();
  if (lab.initialised++ > 0) return kOk;
  setLogCallbacks({log, warn, panic});
  lab.faults.parse(std::getenv("COLDFRAME_LAB_VDDK_FAULTS"));
  lab.controlThread = std::this_thread::get_id();
  logInfo("coldframe lab VixDiskLib (%s) Release build-1\n", COLDFRAME_LAB_VERSION);
  const Call call(Function::kInitEx);
  VixError result = call.error();
  if (result == kOk && major > kNewestApi) result = kNotSupported;
  if (result == kOk && !readSettings(configFile, lab.settings)) result = kFileNotFound;
  if (result != kOk) lab.initialised--;
  return result;
}

VixError VixDiskLib_Init(uint32_t major, uint32_t minor, LogCallback* log, LogCallback* warn, LogCallback* panic,
                         const char* libDir) {
  return VixDiskLib_InitEx(major, minor, log, warn, panic, libDir, nullptr);
}

void VixDiskLib_Exit(void) {
  Library& lab = library();
  if (lab.initialised == 0) return;
  const Call call(Function::kExit);
  if (--lab.initialised > 0) return;
  lab.pool.reset();
  for (const std::string& fault : lab.faults.unused()) {
    logWarning("VixDiskLib: the fault %s never struck.\n", fault.c_str());
    appendEvent(lab.settings, "unused-fault", {"-", fault});
  }
  setLogCallbacks({});
}

char* VixDiskLib_GetErrorText(VixError error, const char*) {
  const VixErrorEntry* entry = findVixError(error);
  return ::strdup(error == kOk ? "No error" : entry != nullptr ? entry->text : "Unknown error");
}

void VixDiskLib_FreeErrorText(char* text) { std::free(text); }

const char* VixDiskLib_ListTransportModes(void) { return "file:san:hotadd:nbdssl:nbd"; }

VixError VixDiskLib_PrepareForAccess(const ConnectParams* params, const char* identity) {
  const Call call(Function::kPrepareForAccess);
  const ControlCall control(Function::kPrepareForAccess);
  return call.error() != kOk ? call.error() : access(params, identity, "prepare");
}

VixError VixDiskLib_EndAccess(const ConnectParams* params, const char* identity) {
  const Call call(Function::kEndAccess);
  const ControlCall control(Function::kEndAccess);
  return call.error() != kOk ? call.error() : access(params, identity, "end");
}

VixError VixDiskLib_Cleanup(const ConnectParams* params, uint32_t* cleaned, uint32_t* remaining) {
  const Call call(Function::kCleanup);
  const ControlCall control(Function::kCleanup);
  if (call.error() != kOk) return call.error();
  if (library().initialised == 0) return kNotInitialised;
  if (params != nullptr && params->vmxSpec != nullptr) return kInvalidArgument;
  CleanupCounts counts;
  if (hasServer(params) && !library().settings.tmpDirectory.empty()) counts = cleanUp(library().settings);
  if (cleaned != nullptr) *cleaned = counts.cleaned;
  if (remaining != nullptr) *remaining = counts.remaining;
  return kOk;
}

}  // namespace coldframe::abi
