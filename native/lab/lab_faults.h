// Fault switches: what goes wrong, in which function, at which call.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "../core/vix_functions.h"

namespace coldframe::lab {

enum class Function : uint8_t {
#define COLDFRAME_LAB_ID(name, ...) k##name,
  COLDFRAME_VIX_REQUIRED(COLDFRAME_LAB_ID)
  COLDFRAME_VIX_OPTIONAL(COLDFRAME_LAB_ID)
#undef COLDFRAME_LAB_ID
  kCount,
};

const char* functionName(Function function);

/// What is left to do for the function itself once delay, hang, crash, panic and
/// stdout have had their way.
struct Effect {
  uint64_t error = 0;
  uint64_t refuse = 0;
  uint64_t betray = 0;
  bool zero = false;
  bool mute = false;
  bool lose = false;
  bool shortened = false;
  std::string transport;
};

class Faults {
 public:
  /// Replaces what was there and counts from zero. An entry that is not understood
  /// ends the process: a test whose fault never strikes would prove nothing.
  void parse(const char* text);

  bool armed(Function function) const { return armed_[static_cast<size_t>(function)]; }
  /// Counts the call and acts out what is due.
  Effect strike(Function function);
  /// The entries that never struck.
  std::vector<std::string> unused() const;

 private:
  struct Fault {
    std::string text;
    Function function = Function::kCount;
    uint64_t first = 0;
    uint64_t last = 0;
    std::string action;
    std::string value;
    bool struck = false;
  };

  void parseOne(const std::string& text);
  void act(Fault& fault, Effect& effect) const;

  static constexpr size_t kCount = static_cast<size_t>(Function::kCount);
  std::array<bool, kCount> armed_{};
  std::array<std::atomic<uint64_t>, kCount> calls_{};
  std::vector<Fault> faults_;
};

}  // namespace coldframe::lab
