#include "lab_connection.h"

#include <fcntl.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "../core/disk.h"
#include "lab_codes.h"
#include "lab_log.h"
#include "lab_map.h"

namespace coldframe::lab {

namespace {

constexpr const char* kTransports[] = {"file", "san", "hotadd", "nbdssl", "nbd"};
constexpr const char* kDefaultOrder = "file:san:hotadd:nbdssl:nbd";
constexpr std::string_view kMoref = "moref=";
constexpr uint64_t kMostAioUnits = 256;

const char* known(const std::string& name) {
  const auto* found = std::find(std::begin(kTransports), std::end(kTransports), name);
  return found != std::end(kTransports) ? *found : nullptr;
}

bool loginFits(const Map& map, const abi::ConnectParams& params) {
  if (params.credType == abi::kCredCookie) {
    const std::string cookie = params.creds.cookie.cookie;
    return !cookie.empty() &&
           (map.cookies.empty() || std::find(map.cookies.begin(), map.cookies.end(), cookie) != map.cookies.end());
  }
  const std::string user = params.creds.uid.user;
  const std::string password = params.creds.uid.password;
  return std::any_of(map.servers.begin(), map.servers.end(),
                     [&](const ServerRow& row) { return row.user == user && row.password == password; });
}

/// The real library crashes on missing strings; the stand-in says so.
bool isComplete(const abi::ConnectParams& params) {
  const bool cookie = params.credType == abi::kCredCookie;
  const bool user = params.credType == abi::kCredUser;
  const bool strings = user ? params.creds.uid.user != nullptr && params.creds.uid.password != nullptr
                            : cookie && params.creds.cookie.cookie != nullptr;
  const bool vm = params.vmxSpec != nullptr && std::string_view(params.vmxSpec).starts_with(kMoref) &&
                  params.vmxSpec[kMoref.size()] != '\0';
  return strings && vm && params.thumbprint != nullptr;
}

bool serverAnswers(const Map& map, const LabConnection& connection) {
  return std::any_of(map.servers.begin(), map.servers.end(), [&connection](const ServerRow& row) {
    return row.host == connection.server && row.port == connection.port &&
           ::strcasecmp(row.thumbprint.c_str(), connection.thumbprint.c_str()) == 0;
  });
}

uint64_t findRow(const Map& map, const LabConnection& connection, const std::string& path, DiskRow& found) {
  uint64_t code = kVmNotFound;
  for (const DiskRow& row : map.disks) {
    if (row.vmMoref != connection.moref) continue;
    if (code == kVmNotFound) code = kObjectNotFound;
    if (row.snapshotMoref != connection.snapshot) continue;
    code = kFileNotFound;
    if (row.path != path) continue;
    found = row;
    return 0;
  }
  logWarning("VixDiskLib: no disk %s of VM %s, snapshot %s.\n", path.c_str(), connection.moref.c_str(),
             connection.snapshot.c_str());
  return code;
}

const char* chooseTransport(const LabConnection& connection, const std::vector<std::string>& allowed) {
  for (const std::string& wanted : connection.transports) {
    const bool offered = std::find(allowed.begin(), allowed.end(), wanted) != allowed.end();
    if (const char* name = offered ? known(wanted) : nullptr) return name;
  }
  return nullptr;
}

uint64_t openFile(LabDisk& disk) {
  const std::string& path = disk.facts.rawFile;
  disk.file = FileDescriptor(::open(path.c_str(), (disk.writable ? O_RDWR : O_RDONLY) | O_CLOEXEC));
  if (!disk.file) return errno == ENOENT ? kFileNotFound : kAccessError;
  struct stat status {};
  if (::fstat(disk.file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return kAccessError;
  disk.facts.capacitySectors = static_cast<uint64_t>(status.st_size) / kSectorBytes;
  return 0;
}

uint64_t openLocal(const Settings& settings, const std::string& path, LabDisk& disk) {
  const Map map = readMap(settings.mapPath);
  const auto row = std::find_if(map.files.begin(), map.files.end(),
                                [&path](const FileRow& item) { return item.path == path; });
  disk.facts.rawFile = row != map.files.end() ? row->rawFile : path;
  disk.async = settings.fileIsAsync;
  return openFile(disk);
}

uint64_t openRemote(const Settings& settings, const LabConnection& connection, const OpenRequest& request,
                    LabDisk& disk) {
  const Map map = readMap(settings.mapPath);
  if (!serverAnswers(map, connection)) {
    logWarning("VixDiskLib: cannot connect to %s:%s with thumbprint %s.\n", connection.server.c_str(), connection.port.c_str(),
               connection.thumbprint.c_str());
    return kFail;
  }
  DiskRow row;
  if (const uint64_t code = findRow(map, connection, request.path, row)) return code;
  const char* transport =
      request.transport.empty() ? chooseTransport(connection, row.transports) : known(request.transport);
  if (transport == nullptr) {
    logWarning("VixDiskLib: none of the transports asked for reaches %s.\n", request.path.c_str());
    return kAccessError;
  }
  const std::string_view name = transport;
  const bool network = name == "nbd" || name == "nbdssl";
  if (network && settings.aioUnits > kMostAioUnits) {
    logWarning("VixDiskLib: the NFC buffers exceed 16 MiB.\n");
    return kFail;
  }
  if (disk.writable && (!row.writable || connection.readOnly)) return kReadOnlyFile;
  disk.transport = transport;
  disk.async = network || (name == "file" && settings.fileIsAsync);
  disk.facts.rawFile = row.rawFile;
  disk.facts.uuid = row.uuid;
  if (const uint64_t code = openFile(disk)) return code;
  if (::flock(disk.file.get(), (disk.writable ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) return kLocked;
  if (name == "hotadd" || name == "san") {
    disk.attachment = {connection.moref, request.path};
    disk.note = noteAttachment(settings, disk.attachment);
  }
  return 0;
}

}  // namespace

uint64_t makeConnection(const Settings& settings, const ConnectRequest& request,
                        std::unique_ptr<LabConnection>& connection) {
  auto made = std::make_unique<LabConnection>();
  made->readOnly = request.readOnly;
  const abi::ConnectParams* params = request.params;
  if (params != nullptr && params->serverName != nullptr) {
    if (!isComplete(*params)) {
      logWarning("VixDiskLib: the connection's parameters are not complete.\n");
      return kInvalidArgument;
    }
    if (!loginFits(readMap(settings.mapPath), *params)) {
      logWarning("VixDiskLib: the login at %s was refused.\n", params->serverName);
      return kAuthenticationFailed;
    }
    made->remote = true;
    made->server = params->serverName;
    made->port = std::to_string(params->port != 0 ? params->port : 443);
    made->thumbprint = params->thumbprint;
    made->moref = params->vmxSpec + kMoref.size();
  }
  made->snapshot = request.snapshot != nullptr ? request.snapshot : "-";
  made->transports = splitAt(request.transports != nullptr ? request.transports : kDefaultOrder, ':');
  connection = std::move(made);
  return 0;
}

uint64_t openDisk(const Settings& settings, LabConnection& connection, const OpenRequest& request,
                  std::unique_ptr<LabDisk>& disk) {
  auto opened = std::make_unique<LabDisk>();
  opened->connection = &connection;
  opened->writable = (request.flags & abi::kOpenReadOnly) == 0;
  opened->unbuffered = (request.flags & abi::kOpenUnbuffered) != 0;
  const uint64_t code = connection.remote ? openRemote(settings, connection, request, *opened)
                                          : openLocal(settings, request.path, *opened);
  if (code != 0) return code;
  connection.openDisks++;
  disk = std::move(opened);
  return 0;
}

}  // namespace coldframe::lab
