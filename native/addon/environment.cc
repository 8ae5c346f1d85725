#include "environment.h"

namespace coldframe {

Environment::Environment(Napi::Env env) {
  napi_add_env_cleanup_hook(
      env, [](void* self) { static_cast<Environment*>(self)->stopAll(); }, this);
}

// Made on first use: a process that only digests needs no threads.
ComputePool& Environment::pool() {
  if (!pool_) pool_ = std::make_unique<ComputePool>();
  return *pool_;
}

void Environment::stopAll() {
  // The pool first: its jobs use the ports and descriptors of the others.
  pool_.reset();
  for (Stoppable* item : items_) item->stopThreads();
  items_.clear();
}

}  // namespace coldframe
