// The JavaScript side of a file sink: keeps the buffers of queued writes alive
// and reports finished jobs in batches.
#pragma once

#include <napi.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "environment.h"
#include "file_sink.h"
#include "waker.h"

namespace coldframe {

class SinkWrap final : public Napi::ObjectWrap<SinkWrap>, public Stoppable {
 public:
  static Napi::Function define(Napi::Env env);
  explicit SinkWrap(const Napi::CallbackInfo& info);
  ~SinkWrap() override;
  void stopThreads() override;

 private:
  struct Finished {
    uint64_t id = 0;
    std::optional<Error> error;
  };
  struct Mail {
    std::mutex mutex;
    std::vector<Finished> finished;
  };

  void write(const Napi::CallbackInfo& info);
  void hole(const Napi::CallbackInfo& info);
  void sync(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);
  void stop(const Napi::CallbackInfo& info);
  void deliver(Napi::Env env);
  FileSink& sink(Napi::Env env);

  Environment& environment_;
  const std::shared_ptr<Mail> mail_ = std::make_shared<Mail>();
  Napi::FunctionReference onDone_;
  std::map<uint64_t, Napi::ObjectReference> buffers_;
  std::shared_ptr<Waker> waker_;
  std::unique_ptr<FileSink> sink_;
};

}  // namespace coldframe
