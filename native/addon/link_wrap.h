// The JavaScript side of a worker link: orders out, replies in batches.
#pragma once

#include <napi.h>

#include <memory>
#include <mutex>
#include <vector>

#include "environment.h"
#include "waker.h"
#include "worker_link.h"

namespace coldframe {

class LinkWrap final : public Napi::ObjectWrap<LinkWrap>, public Stoppable {
 public:
  static Napi::Function define(Napi::Env env);
  explicit LinkWrap(const Napi::CallbackInfo& info);
  ~LinkWrap() override;

  /// The link of a `Link` object; throws into JavaScript where it is closed.
  static WorkerLink& linkOf(const Napi::Value& value);
  void stopThreads() override;

 private:
  /// Shared with the link's thread, which may outlive this object's calls.
  struct Mail {
    std::mutex mutex;
    std::vector<Reply> replies;
    bool closed = false;
  };

  Napi::Value childDescriptors(const Napi::CallbackInfo& info);
  void closeChildDescriptors(const Napi::CallbackInfo& info);
  void order(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);
  void deliver(Napi::Env env);

  Environment& environment_;
  const std::shared_ptr<Mail> mail_ = std::make_shared<Mail>();
  Napi::FunctionReference onReplies_;
  std::shared_ptr<Waker> waker_;
  std::unique_ptr<WorkerLink> link_;
};

}  // namespace coldframe
