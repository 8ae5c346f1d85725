#include "vix_connection.h"

#include <utility>

#include "failures.h"
#include "vix_disk.h"
#include "vix_functions.h"
#include "vix_params.h"

namespace coldframe {

namespace {

// What one source gives as the limit of PrepareForAccess.
constexpr size_t kLongestIdentity = 50;

const char* orNull(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

uint32_t openFlags(const OpenOptions& options) {
  uint32_t flags = 0;
  if (options.readOnly) flags |= abi::kOpenReadOnly;
  if (options.unbuffered) flags |= abi::kOpenUnbuffered;
  switch (options.compression) {
    case Compression::kNone:
      break;
    case Compression::kZlib:
      flags |= abi::kOpenZlib;
      break;
    case Compression::kFastlz:
      flags |= abi::kOpenFastlz;
      break;
    case Compression::kSkipz:
      flags |= abi::kOpenSkipz;
      break;
  }
  return flags;
}

/// The library crashes on what a remote connection lacks, instead of refusing it.
void requireComplete(const ConnectOptions& options) {
  if (options.server.empty()) return;
  const char* missing = nullptr;
  if (options.thumbprint.empty()) missing = "the server's thumbprint";
  if (options.vmMoref.empty()) missing = "the VM's moref";
  if (options.sessionCookie.empty() && options.user.empty()) missing = "a user";
  if (missing != nullptr) {
    throw ownError(kBadRequest, "VixDiskLib_ConnectEx", std::string("The connection lacks ") + missing + ".");
  }
}

}  // namespace

VixConnection::VixConnection(std::shared_ptr<VixLibrary> library, const ConnectOptions& options)
    : library_(std::move(library)), options_(options) {
  requireComplete(options_);
  library_->log().addSecret(options_.password);
  library_->log().addSecret(options_.sessionCookie);
}

VixConnection::~VixConnection() {
  try {
    disconnect();
  } catch (const Error&) {
    // The library has logged it; the process that held it ends soon.
  }
}

void VixConnection::connect() {
  library_->control().require("ConnectEx");
  if (connection_ != nullptr) throw ownError(kBadRequest, "VixDiskLib_ConnectEx", "The connection is open already.");
  const VixFunctions& functions = library_->functions();
  const VixParams params(functions, options_, VixParams::Scope::kVm);
  const abi::VixError result = functions.ConnectEx(params.get(), options_.readOnly ? 1 : 0, orNull(options_.snapshotMoref),
                                                   orNull(options_.transports), &connection_);
  if (result != abi::kOk) {
    connection_ = nullptr;
    throw library_->error(result, "ConnectEx");
  }
}

std::unique_ptr<Disk> VixConnection::open(const std::string& path, const OpenOptions& options) {
  library_->control().require("Open");
  if (connection_ == nullptr) throw ownError(kClosed, "VixDiskLib_Open", "There is no connection.");
  abi::Handle handle = nullptr;
  const abi::VixError result = library_->functions().Open(connection_, path.c_str(), openFlags(options), &handle);
  if (result != abi::kOk) {
    Error error = library_->error(result, "Open");
    error.disk = path;
    error.transport = options_.transports;
    throw error;
  }
  return makeVixDisk({library_, handle, path, options.readOnly, openDisks_});
}

void VixConnection::disconnect() {
  if (connection_ == nullptr) return;
  library_->control().require("Disconnect");
  if (*openDisks_ > 0) {
    throw ownError(kBadRequest, "VixDiskLib_Disconnect",
                   std::to_string(*openDisks_) + " disks of this connection are still open.");
  }
  const abi::VixError result = library_->functions().Disconnect(std::exchange(connection_, nullptr));
  if (result != abi::kOk) throw library_->error(result, "Disconnect");
}

void VixConnection::prepareForAccess() { access("PrepareForAccess", library_->functions().PrepareForAccess); }

void VixConnection::endAccess() { access("EndAccess", library_->functions().EndAccess); }

void VixConnection::access(const char* name, AccessFunction* function) {
  library_->control().require(name);
  const std::string full = std::string("VixDiskLib_") + name;
  if (function == nullptr) throw ownError(kNotSupported, full, "This release of VMware's library lacks the function.");
  if (options_.identity.empty() || options_.identity.size() > kLongestIdentity) {
    throw ownError(kBadRequest, full, "The identity must have 1 to 50 characters.");
  }
  const VixParams params(library_->functions(), options_, VixParams::Scope::kVm);
  const uint64_t result = function(params.get(), options_.identity.c_str());
  if (result != abi::kOk) throw library_->error(result, name);
}

CleanupResult VixConnection::cleanup() {
  library_->control().require("Cleanup");
  const VixFunctions& functions = library_->functions();
  if (functions.Cleanup == nullptr) {
    throw ownError(kNotSupported, "VixDiskLib_Cleanup", "This release of VMware's library lacks the function.");
  }
  const VixParams params(functions, options_, VixParams::Scope::kServer);
  CleanupResult counts;
  const abi::VixError result = functions.Cleanup(params.get(), &counts.cleaned, &counts.remaining);
  if (result != abi::kOk) throw library_->error(result, "Cleanup");
  return counts;
}

}  // namespace coldframe
