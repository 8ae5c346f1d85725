// What the control thread does for each order. Names and fields are the
// contract with src/transport/native/disk-worker.ts.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "disk_thread.h"
#include "record.h"
#include "vix_connection.h"
#include "vix_library.h"

namespace coldframe {

struct OpenDisk {
  std::unique_ptr<Disk> disk;
  /// Null while the disk is being closed.
  std::shared_ptr<DiskThread> thread;
};

/// Everything that is open in this process, closed in reverse order.
class Orders {
 public:
  Orders(const Ring& ring, MessageSender& sender) : ring_(ring), sender_(sender) {}
  ~Orders();
  Orders(const Orders&) = delete;
  Orders& operator=(const Orders&) = delete;

  /// Runs one order on the calling thread, always the same one. Throws Error.
  Record run(const std::string& name, const Record& fields);
  /// The I/O thread of an open disk, or null; from any thread.
  std::shared_ptr<DiskThread> threadOf(uint32_t disk);
  /// Closes disks, connections and the library; first failure wins, all are tried.
  void closeAll();

 private:
  using Handler = Record (Orders::*)(const Record& fields);
  static const std::map<std::string, Handler>& handlers();

  Record ping(const Record& fields);
  Record load(const Record& fields);
  Record newConnection(const Record& fields);
  Record connect(const Record& fields);
  Record disconnect(const Record& fields);
  Record prepareForAccess(const Record& fields);
  Record endAccess(const Record& fields);
  Record cleanup(const Record& fields);
  Record openVix(const Record& fields);
  Record openBlock(const Record& fields);
  Record allocated(const Record& fields);
  Record metadata(const Record& fields);
  Record writeMetadata(const Record& fields);
  Record close(const Record& fields);

  Record adopt(std::unique_ptr<Disk> disk);
  VixConnection& connection(const Record& fields);
  Disk& disk(const Record& fields);
  void closeDisk(uint32_t number);

  const Ring& ring_;
  MessageSender& sender_;
  std::shared_ptr<VixLibrary> library_;
  std::map<uint32_t, std::unique_ptr<VixConnection>> connections_;
  /// Changed by the control thread, read by the socket's too.
  std::mutex mutex_;
  std::map<uint32_t, OpenDisk> disks_;
  uint32_t nextNumber_ = 1;
};

}  // namespace coldframe
