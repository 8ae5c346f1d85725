#include "lab_library.h"

namespace coldframe::lab {

// Never destroyed: a caller may leave without Exit while threads still run.
Library& library() {
  static Library* instance = new Library();
  return *instance;
}

ControlCall::ControlCall(Function function) {
  if (library().controlBusy.exchange(true)) {
    violation("it overlaps another Connect, Open, Close or Disconnect", functionName(function));
  }
  if (library().settings.strictThreads && std::this_thread::get_id() != library().controlThread) {
    violation("it does not run on the thread that called InitEx", functionName(function));
  }
}

}  // namespace coldframe::lab
