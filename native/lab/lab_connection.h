// A connection, and the rules of logging in and opening.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../core/vix_abi.h"
#include "lab_disk.h"
#include "lab_settings.h"

namespace coldframe::lab {

struct LabConnection {
  bool remote = false;
  bool readOnly = true;
  std::string server;
  std::string port;
  std::string thumbprint;
  std::string moref;
  /// "-" without a snapshot.
  std::string snapshot;
  std::vector<std::string> transports;
  unsigned openDisks = 0;
};

struct ConnectRequest {
  const abi::ConnectParams* params = nullptr;
  bool readOnly = true;
  const char* snapshot = nullptr;
  const char* transports = nullptr;
};

/// Checks what the real library checks here (the login, the form of the VM's
/// name) and leaves for open() what shows only there. 0 or the code.
uint64_t makeConnection(const Settings& settings, const ConnectRequest& request,
                        std::unique_ptr<LabConnection>& connection);

struct OpenRequest {
  std::string path;
  uint32_t flags = 0;
  /// A fault's wish; empty otherwise.
  std::string transport;
};

uint64_t openDisk(const Settings& settings, LabConnection& connection, const OpenRequest& request,
                  std::unique_ptr<LabDisk>& disk);

}  // namespace coldframe::lab
