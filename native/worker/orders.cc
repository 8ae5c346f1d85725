#include "orders.h"

#include <cstdio>
#include <cstring>
#include <iterator>
#include <utility>

#include "block_disk.h"
#include "failures.h"

namespace coldframe {

namespace {

Compression compressionOf(const std::string& name) {
  if (name == "none") return Compression::kNone;
  if (name == "zlib") return Compression::kZlib;
  if (name == "fastlz") return Compression::kFastlz;
  if (name == "skipz") return Compression::kSkipz;
  throw ownError(kBadRequest, "openVix", "Unknown compression '" + name + "'.");
}

Error unknown(const char* what) {
  return ownError(kClosed, "order", std::string("This ") + what + " is closed or was never open.");
}

}  // namespace

Orders::~Orders() {
  try {
    closeAll();
  } catch (const Error&) {
    // The process ends anyway; whoever wanted to know has called closeAll().
  }
}

const std::map<std::string, Orders::Handler>& Orders::handlers() {
  static const std::map<std::string, Handler> table = {
      {"ping", &Orders::ping},
      {"load", &Orders::load},
      {"newConnection", &Orders::newConnection},
      {"connect", &Orders::connect},
      {"disconnect", &Orders::disconnect},
      {"prepareForAccess", &Orders::prepareForAccess},
      {"endAccess", &Orders::endAccess},
      {"cleanup", &Orders::cleanup},
      {"openVix", &Orders::openVix},
      {"openBlock", &Orders::openBlock},
      {"allocated", &Orders::allocated},
      {"metadata", &Orders::metadata},
      {"writeMetadata", &Orders::writeMetadata},
      {"close", &Orders::close},
  };
  return table;
}

Record Orders::run(const std::string& name, const Record& fields) {
  const auto found = handlers().find(name);
  if (found == handlers().end()) throw ownError(kProtocol, "order", "Unknown order '" + name + "'.");
  return (this->*found->second)(fields);
}

std::shared_ptr<DiskThread> Orders::threadOf(uint32_t disk) {
  const std::lock_guard lock(mutex_);
  const auto found = disks_.find(disk);
  return found == disks_.end() ? nullptr : found->second.thread;
}

// Answered by the control thread: a library that hangs does not answer.
Record Orders::ping(const Record&) { return {}; }

Record Orders::load(const Record& fields) {
  if (library_) throw ownError(kBadRequest, "load", "A library has been loaded already.");
  LoadOptions options;
  options.libDir = fields.text("libDir");
  options.stateDir = fields.text("stateDir");
  VixConfig& config = options.config;
  config.aioBufferUnits = static_cast<uint32_t>(fields.numberOr("aioBufferUnits", config.aioBufferUnits));
  config.aioBufferCount = static_cast<uint32_t>(fields.numberOr("aioBufferCount", config.aioBufferCount));
  config.transportLogLevel = static_cast<uint32_t>(fields.numberOr("transportLogLevel", config.transportLogLevel));
  config.nfcLogLevel = static_cast<uint32_t>(fields.numberOr("nfcLogLevel", config.nfcLogLevel));
  config.sanAllow = fields.textOr("sanAllow", "");
  config.sanDeny = fields.textOr("sanDeny", "");
  config.hotaddWithoutNfc = fields.flagOr("hotaddWithoutNfc", false);
  options.log = [](LogLevel level, std::string_view line) {
    static constexpr const char* kNames[] = {"debug", "info", "warning", "panic"};
    // One call, so that lines of several threads do not mix.
    std::fprintf(stderr, "vddk %s: %.*s\n", kNames[static_cast<size_t>(level)], static_cast<int>(line.size()),
                 line.data());
  };
  library_ = VixLibrary::load(options);
  Record record;
  record.set("major", uint64_t{library_->major()});
  record.set("version", library_->version());
  record.set("path", library_->path());
  record.set("transportModes", library_->transportModes());
  record.set("missing", library_->missingOptional());
  return record;
}

Record Orders::newConnection(const Record& fields) {
  if (!library_) throw ownError(kBadRequest, "connect", "The library has not been loaded.");
  ConnectOptions options;
  options.server = fields.textOr("server", "");
  options.port = static_cast<uint32_t>(fields.numberOr("port", options.port));
  options.nfcPort = static_cast<uint32_t>(fields.numberOr("nfcPort", options.nfcPort));
  options.thumbprint = fields.textOr("thumbprint", "");
  options.user = fields.textOr("user", "");
  options.password = fields.textOr("password", "");
  options.sessionCookie = fields.textOr("sessionCookie", "");
  options.vmMoref = fields.textOr("vmMoref", "");
  options.snapshotMoref = fields.textOr("snapshotMoref", "");
  options.readOnly = fields.flag("readOnly");
  options.transports = fields.textOr("transports", "");
  options.identity = fields.textOr("identity", options.identity);
  const uint32_t number = nextNumber_++;
  connections_.emplace(number, std::make_unique<VixConnection>(library_, options));
  Record record;
  record.set("connection", uint64_t{number});
  return record;
}

VixConnection& Orders::connection(const Record& fields) {
  const auto found = connections_.find(static_cast<uint32_t>(fields.number("connection")));
  if (found == connections_.end()) throw unknown("connection");
  return *found->second;
}

Record Orders::connect(const Record& fields) {
  connection(fields).connect();
  return {};
}

Record Orders::disconnect(const Record& fields) {
  connection(fields).disconnect();
  return {};
}

Record Orders::prepareForAccess(const Record& fields) {
  connection(fields).prepareForAccess();
  return {};
}

Record Orders::endAccess(const Record& fields) {
  connection(fields).endAccess();
  return {};
}

Record Orders::cleanup(const Record& fields) {
  const CleanupResult result = connection(fields).cleanup();
  Record record;
  record.set("cleaned", uint64_t{result.cleaned});
  record.set("remaining", uint64_t{result.remaining});
  return record;
}

Record Orders::openVix(const Record& fields) {
  OpenOptions options;
  options.readOnly = fields.flag("readOnly");
  options.unbuffered = fields.flagOr("unbuffered", false);
  options.compression = compressionOf(fields.textOr("compression", "none"));
  return adopt(connection(fields).open(fields.text("path"), options));
}

Record Orders::openBlock(const Record& fields) {
  BlockOptions options;
  options.path = fields.text("path");
  options.readOnly = fields.flag("readOnly");
  options.direct = fields.flagOr("direct", true);
  options.queueThreads = static_cast<unsigned>(fields.numberOr("queueThreads", options.queueThreads));
  return adopt(openBlockDisk(options));
}

Record Orders::adopt(std::unique_ptr<Disk> disk) {
  const DiskInfo& info = disk->info();
  const uint32_t number = nextNumber_++;
  Record record;
  record.set("disk", uint64_t{number});
  record.set("capacityBytes", info.capacityBytes);
  record.set("logicalSectorBytes", uint64_t{info.logicalSectorBytes});
  record.set("physicalSectorBytes", uint64_t{info.physicalSectorBytes});
  record.set("transport", info.transport);
  record.set("uuid", info.uuid);
  auto thread = std::make_shared<DiskThread>(*disk, ring_, sender_);
  const std::lock_guard lock(mutex_);
  disks_.emplace(number, OpenDisk{std::move(disk), std::move(thread)});
  return record;
}

Disk& Orders::disk(const Record& fields) {
  const auto found = disks_.find(static_cast<uint32_t>(fields.number("disk")));
  if (found == disks_.end()) throw unknown("disk");
  return *found->second.disk;
}

Record Orders::allocated(const Record& fields) {
  const std::vector<Extent> extents = disk(fields).allocated(fields.number("offset"), fields.number("length"));
  // Pairs of doubles: what JavaScript takes as it is.
  std::vector<double> pairs;
  pairs.reserve(extents.size() * 2);
  for (const Extent& extent : extents) {
    pairs.push_back(static_cast<double>(extent.offset));
    pairs.push_back(static_cast<double>(extent.length));
  }
  Bytes bytes(pairs.size() * sizeof(double));
  if (!bytes.empty()) std::memcpy(bytes.data(), pairs.data(), bytes.size());
  Record record;
  record.set("extents", std::move(bytes));
  return record;
}

Record Orders::metadata(const Record& fields) {
  std::vector<std::string> flat;
  for (auto& [key, value] : disk(fields).readMetadata()) {
    flat.push_back(std::move(key));
    flat.push_back(std::move(value));
  }
  Record record;
  record.set("pairs", std::move(flat));
  return record;
}

Record Orders::writeMetadata(const Record& fields) {
  disk(fields).writeMetadata(fields.text("key"), fields.text("value"));
  return {};
}

Record Orders::close(const Record& fields) {
  disk(fields);
  closeDisk(static_cast<uint32_t>(fields.number("disk")));
  return {};
}

// The socket's thread may hold the I/O thread's object for a moment longer; it
// is stopped here, on the control thread, and refuses what comes later.
void Orders::closeDisk(uint32_t number) {
  std::shared_ptr<DiskThread> thread;
  {
    const std::lock_guard lock(mutex_);
    thread = std::move(disks_.at(number).thread);
  }
  if (thread) thread->stop();
  std::unique_ptr<Disk> disk;
  {
    const std::lock_guard lock(mutex_);
    disk = std::move(disks_.at(number).disk);
    disks_.erase(number);
  }
  disk->close();
}

void Orders::closeAll() {
  std::unique_ptr<Error> first;
  const auto attempt = [&first](const auto& action) {
    try {
      action();
    } catch (const Error& error) {
      if (!first) first = boxed(error);
    }
  };
  while (!disks_.empty()) attempt([this] { closeDisk(disks_.rbegin()->first); });
  while (!connections_.empty()) {
    const auto last = std::prev(connections_.end());
    attempt([&last] { last->second->disconnect(); });
    connections_.erase(last);
  }
  if (library_) attempt([this] { library_->exit(); });
  library_.reset();
  if (first) throw Error(*first);
}

}  // namespace coldframe
