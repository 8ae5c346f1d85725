#include "link_wrap.h"

#include <string>
#include <utility>

#include "convert.h"

namespace coldframe {

Napi::Function LinkWrap::define(Napi::Env env) {
  return DefineClass(env, "Link",
                     {InstanceMethod<&LinkWrap::childDescriptors>("childDescriptors"),
                      InstanceMethod<&LinkWrap::closeChildDescriptors>("closeChildDescriptors"),
                      InstanceMethod<&LinkWrap::order>("order"), InstanceMethod<&LinkWrap::close>("close")});
}

LinkWrap::LinkWrap(const Napi::CallbackInfo& info) : ObjectWrap(info), environment_(Environment::of(info.Env())) {
  onReplies_ = Napi::Persistent(info[0].As<Napi::Function>());
  // The worker's process handle keeps the event loop alive, not this.
  waker_ = Waker::make(info.Env(), Waker::KeepAlive::kNo, [this](Napi::Env env) { deliver(env); });
  WorkerLink::Events events;
  events.reply = [mail = mail_, waker = waker_](Reply reply) {
    {
      const std::lock_guard lock(mail->mutex);
      mail->replies.push_back(std::move(reply));
    }
    waker->wake();
  };
  events.closed = [mail = mail_, waker = waker_] {
    {
      const std::lock_guard lock(mail->mutex);
      mail->closed = true;
    }
    waker->wake();
  };
  guarded(info.Env(), [&] { link_ = std::make_unique<WorkerLink>(std::move(events)); });
  environment_.add(this);
}

LinkWrap::~LinkWrap() {
  environment_.remove(this);
  if (waker_) waker_->stop();
}

void LinkWrap::stopThreads() { link_.reset(); }

WorkerLink& LinkWrap::linkOf(const Napi::Value& value) {
  LinkWrap* wrap = value.IsObject() ? Unwrap(value.As<Napi::Object>()) : nullptr;
  if (wrap == nullptr || !wrap->link_) throw Napi::Error::New(value.Env(), "The link is closed.");
  return *wrap->link_;
}

Napi::Value LinkWrap::childDescriptors(const Napi::CallbackInfo& info) {
  Napi::Array pair = Napi::Array::New(info.Env(), 2);
  pair.Set(0U, link_->childSocket());
  pair.Set(1U, link_->ringFd());
  return pair;
}

void LinkWrap::closeChildDescriptors(const Napi::CallbackInfo&) { link_->closeChildEnds(); }

void LinkWrap::order(const Napi::CallbackInfo& info) {
  const std::string name = info[1].ToString().Utf8Value();
  guarded(info.Env(), [&] { link_->order(wholeOf(info[0]), name, toRecord(info[2].As<Napi::Object>())); });
}

// The mapping and the thread stay until the object goes: streams may still
// hold slots.
void LinkWrap::close(const Napi::CallbackInfo&) { link_->close(); }

void LinkWrap::deliver(Napi::Env env) {
  const Napi::HandleScope scope(env);
  std::vector<Reply> replies;
  bool closed = false;
  {
    const std::lock_guard lock(mail_->mutex);
    replies.swap(mail_->replies);
    closed = mail_->closed;
  }
  Napi::Array array = Napi::Array::New(env, replies.size());
  for (uint32_t i = 0; i < replies.size(); i++) {
    Napi::Object reply = Napi::Object::New(env);
    reply.Set("tag", static_cast<double>(replies[i].tag));
    if (replies[i].record) reply.Set("fields", toJs(env, *replies[i].record));
    if (replies[i].error) reply.Set("error", toJs(env, *replies[i].error));
    array.Set(i, reply);
  }
  // After the end nothing comes any more; letting go of the callback lets the
  // collector have us both.
  Napi::Function callback = onReplies_.Value();
  if (closed) {
    waker_->stop();
    onReplies_.Reset();
  }
  callback.Call({array, Napi::Boolean::New(env, closed)});
}

}  // namespace coldframe
