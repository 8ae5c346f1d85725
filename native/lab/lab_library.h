// The process-wide state of the stand-in, and the checks that every call makes.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "lab_disk.h"
#include "lab_faults.h"
#include "lab_log.h"
#include "lab_pool.h"
#include "lab_settings.h"

namespace coldframe::lab {

struct Library {
  Settings settings;
  Faults faults;
  std::unique_ptr<LabPool> pool;
  int initialised = 0;
  std::atomic<bool> controlBusy{false};
  std::thread::id controlThread;
};

Library& library();

/// A call that has been counted and has had its faults.
class Call {
 public:
  explicit Call(Function function) {
    if (insideCompletion()) violation("called out of a completion", functionName(function));
    if (library().faults.armed(function)) effect_ = library().faults.strike(function);
  }
  const Effect& effect() const { return effect_; }
  uint64_t error() const { return effect_.error; }

 private:
  Effect effect_;
};

/// A call that belongs to the control thread.
class ControlCall {
 public:
  explicit ControlCall(Function function);
  ~ControlCall() { library().controlBusy = false; }
  ControlCall(const ControlCall&) = delete;
  ControlCall& operator=(const ControlCall&) = delete;
};

/// A call on a handle: one at a time.
class HandleCall {
 public:
  HandleCall(LabDisk& disk, Function function) : disk_(disk) {
    if (disk_.busy.exchange(true, std::memory_order_acquire)) {
      violation("it overlaps another call on the same handle", functionName(function));
    }
  }
  ~HandleCall() { disk_.busy.store(false, std::memory_order_release); }
  HandleCall(const HandleCall&) = delete;
  HandleCall& operator=(const HandleCall&) = delete;

 private:
  LabDisk& disk_;
};

/// The disk behind a handle, or null.
inline LabDisk* diskOf(abi::Handle handle) {
  auto* disk = reinterpret_cast<LabDisk*>(handle);
  return disk != nullptr && disk->magic == LabDisk::kAlive ? disk : nullptr;
}

}  // namespace coldframe::lab
