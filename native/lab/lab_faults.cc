#include "lab_faults.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string_view>
#include <thread>

#include "lab_log.h"

namespace coldframe::lab {

namespace {

constexpr const char* kNames[] = {
#define COLDFRAME_LAB_NAME(name, ...) #name,
    COLDFRAME_VIX_REQUIRED(COLDFRAME_LAB_NAME) COLDFRAME_VIX_OPTIONAL(COLDFRAME_LAB_NAME)
#undef COLDFRAME_LAB_NAME
};

const std::set<std::string_view> kPlainActions = {"hang", "crash", "panic", "short", "stdout", "zero", "mute", "lose"};
const std::set<std::string_view> kValueActions = {"error", "refuse", "betray", "delay", "transport"};

[[noreturn]] void misunderstood(const std::string& text) {
  std::fprintf(stderr, "coldframe lab VixDiskLib: COLDFRAME_LAB_VDDK_FAULTS is not understood at '%s'\n", text.c_str());
  std::abort();
}

Function functionNamed(const std::string& name) {
  for (size_t i = 0; i < std::size(kNames); i++) {
    if (name == kNames[i]) return static_cast<Function>(i);
  }
  return Function::kCount;
}

uint64_t number(const std::string& text) { return std::strtoull(text.c_str(), nullptr, 10); }

}  // namespace

const char* functionName(Function function) { return kNames[static_cast<size_t>(function)]; }

void Faults::parse(const char* text) {
  faults_.clear();
  armed_.fill(false);
  for (std::atomic<uint64_t>& calls : calls_) calls = 0;
  std::string_view rest = text != nullptr ? text : "";
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(';'), rest.size());
    if (end > 0) parseOne(std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

void Faults::parseOne(const std::string& text) {
  const size_t colon = text.find(':');
  const size_t second = colon == std::string::npos ? colon : text.find(':', colon + 1);
  if (second == std::string::npos) misunderstood(text);
  Fault fault;
  fault.text = text;
  fault.function = functionNamed(text.substr(0, colon));
  const std::string which = text.substr(colon + 1, second - colon - 1);
  fault.first = which == "*" ? 1 : number(which);
  fault.last = which == "*" || which.ends_with('+') ? UINT64_MAX : fault.first;
  const std::string action = text.substr(second + 1);
  const size_t equals = action.find('=');
  fault.action = action.substr(0, equals);
  if (equals != std::string::npos) fault.value = action.substr(equals + 1);
  const bool understood = fault.value.empty() ? kPlainActions.contains(fault.action) : kValueActions.contains(fault.action);
  if (fault.function == Function::kCount || fault.first == 0 || !understood) misunderstood(text);
  armed_[static_cast<size_t>(fault.function)] = true;
  faults_.push_back(std::move(fault));
}

Effect Faults::strike(Function function) {
  Effect effect;
  const uint64_t call = ++calls_[static_cast<size_t>(function)];
  for (Fault& fault : faults_) {
    if (fault.function == function && call >= fault.first && call <= fault.last) act(fault, effect);
  }
  return effect;
}

void Faults::act(Fault& fault, Effect& effect) const {
  // Two handles may strike the same fault at once.
  std::atomic_ref<bool>(fault.struck).store(true);
  const std::string& action = fault.action;
  if (action == "error") effect.error = number(fault.value);
  if (action == "refuse") effect.refuse = number(fault.value);
  if (action == "betray") effect.betray = number(fault.value);
  if (action == "transport") effect.transport = fault.value;
  if (action == "zero") effect.zero = true;
  if (action == "mute") effect.mute = true;
  if (action == "lose") effect.lose = true;
  if (action == "short") effect.shortened = true;
  if (action == "delay") std::this_thread::sleep_for(std::chrono::milliseconds(number(fault.value)));
  if (action == "stdout") {
    std::printf("noise of the library on standard output\n");
    std::fflush(stdout);
  }
  if (action == "panic") logPanic("PANIC: injected by the lab in VixDiskLib_%s\n", functionName(fault.function));
  if (action == "panic" || action == "crash") std::abort();
  if (action == "hang") {
    for (;;) ::pause();
  }
}

std::vector<std::string> Faults::unused() const {
  std::vector<std::string> texts;
  for (const Fault& fault : faults_) {
    if (!fault.struck) texts.push_back(fault.text);
  }
  return texts;
}

}  // namespace coldframe::lab
