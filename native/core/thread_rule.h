// VixDiskLib's thread rules, checked instead of hoped for: a broken one is our
// own mistake and shows up here, not as damage inside the library.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "failures.h"

namespace coldframe {

/// Calls that belong to the one thread on which this object was made.
class ThreadRule {
 public:
  void require(const char* function) const {
    if (std::this_thread::get_id() == owner_) return;
    throw ownError(kThreadRule, function,
                   std::string(function) + " was called outside the control thread (a bug in coldframe).");
  }

 private:
  const std::thread::id owner_ = std::this_thread::get_id();
};

/// At most one call at a time on one handle.
class SingleUse {
 public:
  class Guard {
   public:
    Guard(SingleUse& use, const char* function) : use_(use) {
      if (!use_.busy_.exchange(true, std::memory_order_acquire)) return;
      throw ownError(kThreadRule, function,
                     std::string(function) + " overlaps another call on the same disk (a bug in coldframe).");
    }
    ~Guard() { use_.busy_.store(false, std::memory_order_release); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    SingleUse& use_;
  };

 private:
  std::atomic<bool> busy_{false};
};

}  // namespace coldframe
