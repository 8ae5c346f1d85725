// What belongs to one Node environment and must end before it does.
#pragma once

#include <napi.h>

#include <memory>
#include <set>

#include "compute_pool.h"

namespace coldframe {

/// Has threads that must be joined before the environment goes.
class Stoppable {
 public:
  virtual ~Stoppable() = default;
  virtual void stopThreads() = 0;
};

class Environment {
 public:
  explicit Environment(Napi::Env env);
  static Environment& of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

  ComputePool& pool();
  void add(Stoppable* item) { items_.insert(item); }
  void remove(Stoppable* item) { items_.erase(item); }

 private:
  void stopAll();

  std::unique_ptr<ComputePool> pool_;
  std::set<Stoppable*> items_;
};

}  // namespace coldframe
