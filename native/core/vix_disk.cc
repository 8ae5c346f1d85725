#include "vix_disk.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "failures.h"
#include "request_check.h"
#include "thread_rule.h"
#include "vix_allocated.h"
#include "vix_error.h"
#include "vix_functions.h"
#include "vix_info.h"
#include "vix_metadata.h"

namespace coldframe {

namespace {

// Wait() returns once everything has completed; a callback may still be on its
// last instructions. Longer than this means that one was lost.
constexpr std::chrono::seconds kLostCompletion{5};

constexpr uint32_t kNotSupportedCode = 6;

class VixDisk final : public Disk {
 public:
  VixDisk(const VixDiskOptions& options, DiskInfo info)
      : library_(options.library),
        functions_(options.library->functions()),
        handle_(options.handle),
        path_(options.path),
        readOnly_(options.readOnly),
        openDisks_(options.openDisks),
        info_(std::move(info)) {
    ++*openDisks_;
  }

  ~VixDisk() override {
    try {
      close();
    } catch (const Error&) {
      // Whoever wanted to know has called close().
    }
  }

  const DiskInfo& info() const override { return info_; }

  void submitRead(const IoRequest& request) override { submit(request, false); }

  void submitWrite(const IoRequest& request) override {
    if (readOnly_) throw located(ownError(kReadOnly, "VixDiskLib_WriteAsync", "The disk is open for reading only."));
    submit(request, true);
  }

  void drain() override {
    if (handle_ == nullptr) return;
    useIoThread("Wait");
    waitForAll();
  }

  void flush() override {
    requireOpen("Flush");
    useIoThread("Flush");
    waitForAll();
    const SingleUse::Guard guard(use_, "Flush");
    check(functions_.Flush(handle_), "Flush");
  }

  std::vector<Extent> allocated(uint64_t offset, uint64_t length) override {
    return onControlThread("QueryAllocatedBlocks", [&] {
      if (offset > info_.capacityBytes || length > info_.capacityBytes - offset) {
        throw ownError(kOutOfRange, "VixDiskLib_QueryAllocatedBlocks", "The range lies beyond the end of the disk.");
      }
      return queryAllocated(*library_, handle_, {{offset, length}, info_.capacityBytes});
    });
  }

  std::vector<std::pair<std::string, std::string>> readMetadata() override {
    return onControlThread("ReadMetadata", [&] { return readVixMetadata(*library_, handle_); });
  }

  void writeMetadata(const std::string& key, const std::string& value) override {
    onControlThread("WriteMetadata", [&] { writeVixMetadata(*library_, handle_, {key, value}); });
  }

  void close() override {
    if (handle_ == nullptr) return;
    library_->control().require("Close");
    std::optional<Error> first;
    try {
      waitForAll();
    } catch (const Error& error) {
      first = error;
    }
    const SingleUse::Guard guard(use_, "Close");
    const abi::VixError result = functions_.Close(std::exchange(handle_, nullptr));
    --*openDisks_;
    abandoned_.clear();
    giveUpLost();
    if (first) throw *first;
    check(result, "Close");
  }

 private:
  /// One request on its way. Both sides hold a reference, because a completion
  /// may run before the submitting call returns, after it, or (against the
  /// rules) after that call has failed. Whoever claims it first reports it.
  struct Pending {
    VixDisk& disk;
    const IoRequest request;
    const char* const function;
    std::atomic<bool> claimed{false};
    std::atomic<int> references{2};

    void release() {
      if (references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }
  };

  void submit(const IoRequest& request, bool write) {
    const char* function = write ? "WriteAsync" : "ReadAsync";
    requireOpen(function);
    useIoThread(function);
    if (const RequestFault* fault = findRequestFault(request, info_.capacityBytes)) {
      throw located(ownError(fault->name, std::string("VixDiskLib_") + function, fault->text));
    }
    const SingleUse::Guard guard(use_, function);
    if (synchronous_) return transferNow(request, write);
    auto* pending = new Pending{*this, request, function};
    started(pending);
    const uint64_t start = request.offset / kSectorBytes;
    const uint64_t count = request.length / kSectorBytes;
    const abi::VixError result =
        write ? functions_.WriteAsync(handle_, start, count, request.buffer, &VixDisk::onDone, pending)
              : functions_.ReadAsync(handle_, start, count, request.buffer, &VixDisk::onDone, pending);
    if (abi::codeOf(result) == abi::kAccepted || pending->claimed.exchange(true)) {
      acceptedAny_ = true;
      pending->release();
      return;
    }
    abandoned_.emplace_back(pending);
    finished(pending);
    if (result == abi::kOk) {
      throw located(ownError(kProtocol, std::string("VixDiskLib_") + function,
                             "The library neither accepted the request nor completed it."));
    }
    // Mixing both kinds on one handle is forbidden, so the choice falls once.
    if (abi::codeOf(result) == kNotSupportedCode && !acceptedAny_) {
      synchronous_ = true;
      return transferNow(request, write);
    }
    throw located(library_->error(result, function));
  }

  void transferNow(const IoRequest& request, bool write) {
    const uint64_t start = request.offset / kSectorBytes;
    const uint64_t count = request.length / kSectorBytes;
    const abi::VixError result = write ? functions_.Write(handle_, start, count, request.buffer)
                                       : functions_.Read(handle_, start, count, request.buffer);
    std::unique_ptr<Error> error;
    if (result != abi::kOk) error = boxed(located(library_->error(result, write ? "Write" : "Read")));
    request.done(request.context, std::move(error));
  }

  static void onDone(void* context, abi::VixError result) {
    auto* pending = static_cast<Pending*>(context);
    if (!pending->claimed.exchange(true)) {
      VixDisk& disk = pending->disk;
      std::unique_ptr<Error> error;
      // No call into the library is allowed here, so the text is our own.
      if (result != abi::kOk) {
        error = boxed(disk.located(vixError(result, pending->function)));
        error->warnings = disk.library_->log().lastWarnings(kWarningsInAnError);
      }
      pending->request.done(pending->request.context, std::move(error));
      disk.finished(pending);
    }
    pending->release();
  }

  void started(Pending* pending) {
    const std::lock_guard lock(mutex_);
    inFlight_.insert(pending);
  }

  /// Under the lock to its last instruction: the waiter destroys this object next.
  void finished(Pending* pending) {
    const std::lock_guard lock(mutex_);
    inFlight_.erase(pending);
    if (inFlight_.empty()) idle_.notify_all();
  }

  /// The handle is closed, so the library has let go of these requests' buffers.
  void giveUpLost() {
    for (Pending* pending : inFlight_) {
      pending->request.done(pending->request.context, boxed(lostCompletion(pending->function)));
      delete pending;
    }
    inFlight_.clear();
  }

  Error lostCompletion(const std::string& function) const {
    return located(ownError(kProtocol, "VixDiskLib_" + function, "The library lost a request: no completion came."));
  }

  bool isIdle() {
    const std::lock_guard lock(mutex_);
    return inFlight_.empty();
  }

  void waitForAll() {
    if (isIdle()) return;
    abi::VixError result = abi::kOk;
    {
      const SingleUse::Guard guard(use_, "Wait");
      result = functions_.Wait(handle_);
    }
    std::unique_lock lock(mutex_);
    // Every request reports its own result; Wait's matters only without it.
    const auto patience = lost_ ? std::chrono::seconds(0) : kLostCompletion;
    if (idle_.wait_for(lock, patience, [this] { return inFlight_.empty(); })) return;
    lock.unlock();
    lost_ = true;
    check(result, "Wait");
    throw lostCompletion("Wait");
  }

  /// The first thread that does I/O becomes the disk's I/O thread.
  void useIoThread(const char* function) {
    const std::thread::id self = std::this_thread::get_id();
    std::thread::id nobody{};
    if (ioThread_.compare_exchange_strong(nobody, self) || nobody == self) return;
    throw located(ownError(kThreadRule, std::string("VixDiskLib_") + function,
                           "A disk's I/O was called from two threads (a bug in coldframe)."));
  }

  void requireOpen(const char* function) const {
    if (handle_ == nullptr) throw located(ownError(kClosed, std::string("VixDiskLib_") + function, "The disk is closed."));
  }

  template <typename Work>
  std::invoke_result_t<Work> onControlThread(const char* function, Work work) {
    library_->control().require(function);
    requireOpen(function);
    const SingleUse::Guard guard(use_, function);
    try {
      return work();
    } catch (const Error& error) {
      throw located(error);
    }
  }

  void check(abi::VixError result, const char* function) {
    if (result != abi::kOk) throw located(library_->error(result, function));
  }

  Error located(Error error) const {
    error.disk = path_;
    error.transport = info_.transport;
    return error;
  }

  const std::shared_ptr<VixLibrary> library_;
  const VixFunctions& functions_;
  abi::Handle handle_;
  const std::string path_;
  const bool readOnly_;
  const std::shared_ptr<unsigned> openDisks_;
  const DiskInfo info_;
  SingleUse use_;
  std::atomic<std::thread::id> ioThread_{};
  std::mutex mutex_;
  std::condition_variable idle_;
  std::unordered_set<Pending*> inFlight_;
  /// A completion has not come in time: it is not waited for again.
  std::atomic<bool> lost_{false};
  /// The server takes no asynchronous requests on this handle.
  bool synchronous_ = false;
  bool acceptedAny_ = false;
  /// Requests whose submission failed: a wrong late completion may still come
  /// until the handle is closed.
  std::vector<std::unique_ptr<Pending>> abandoned_;
};

}  // namespace

std::unique_ptr<Disk> makeVixDisk(const VixDiskOptions& options) {
  try {
    return std::make_unique<VixDisk>(options, readVixInfo(*options.library, options.handle));
  } catch (Error& error) {
    error.disk = options.path;
    options.library->functions().Close(options.handle);
    throw;
  }
}

}  // namespace coldframe
