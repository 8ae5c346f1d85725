#include "vix_params.h"

#include <string.h>

#include "failures.h"
#include "vix_functions.h"

namespace coldframe {

VixParams::VixParams(const VixFunctions& functions, const ConnectOptions& options, Scope scope)
    : functions_(functions) {
  if (functions_.AllocateConnectParams != nullptr) {
    params_ = functions_.AllocateConnectParams();
    if (params_ == nullptr) {
      throw ownError("ENOMEM", "VixDiskLib_AllocateConnectParams", "The library is out of memory.");
    }
  } else {
    params_ = reinterpret_cast<abi::ConnectParams*>(fallback_);
  }
  // Without a server the disks are local files and nothing is asked of us.
  if (!options.server.empty()) fill(options, scope);
}

VixParams::~VixParams() {
  params_->vmxSpec = nullptr;
  params_->serverName = nullptr;
  params_->thumbprint = nullptr;
  params_->creds = {};
  if (functions_.AllocateConnectParams != nullptr) functions_.FreeConnectParams(params_);
  for (std::string& text : strings_) ::explicit_bzero(text.data(), text.size());
}

char* VixParams::keep(const std::string& text) { return strings_.emplace_back(text).data(); }

void VixParams::fill(const ConnectOptions& options, Scope scope) {
  params_->serverName = keep(options.server);
  params_->thumbprint = keep(options.thumbprint);
  params_->port = options.port;
  params_->nfcHostPort = options.nfcPort;
  if (options.sessionCookie.empty()) {
    params_->credType = abi::kCredUser;
    params_->creds.uid.user = keep(options.user);
    params_->creds.uid.password = keep(options.password);
  } else {
    params_->credType = abi::kCredCookie;
    params_->creds.cookie.cookie = keep(options.sessionCookie);
    params_->creds.cookie.user = keep(options.user);
    params_->creds.cookie.key = keep(options.password);
  }
  if (scope == Scope::kVm) {
    params_->vmxSpec = keep("moref=" + options.vmMoref);
    // A release without the allocator has no such field; leave its bytes zero,
    // which means the same.
    if (functions_.AllocateConnectParams != nullptr) params_->specType = abi::kSpecVm;
  }
}

}  // namespace coldframe
