#include "harness.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

extern char** environ;

namespace coldframe::test {

namespace {

// The whole program; what hangs longer ends by SIGALRM instead of blocking CI.
constexpr unsigned kWatchdogSeconds = 900;

struct Test {
  const char* name;
  void (*body)();
  bool child;
};

std::vector<Test>& tests() {
  static std::vector<Test> list;
  return list;
}

bool passes(const Test& test) {
  try {
    test.body();
    return true;
  } catch (const Failure& failure) {
    std::printf("FAIL %s\n  %s\n", test.name, failure.text.c_str());
  } catch (const Error& error) {
    std::printf("FAIL %s\n  Error %s in %s: %s\n", test.name, error.name.c_str(), error.function.c_str(),
                error.text.c_str());
  } catch (const std::exception& error) {
    std::printf("FAIL %s\n  %s\n", test.name, error.what());
  }
  std::fflush(stdout);
  return false;
}

int runAsChild(std::string_view name) {
  for (const Test& test : tests()) {
    if (test.child && name == test.name) return passes(test) ? 0 : 1;
  }
  std::printf("no CHILD is named %s\n", std::string(name).c_str());
  return 2;
}

int runAll(std::string_view filter) {
  int passed = 0;
  int failed = 0;
  for (const Test& test : tests()) {
    if (test.child || std::string_view(test.name).find(filter) == std::string_view::npos) continue;
    (passes(test) ? passed : failed)++;
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  std::fflush(stdout);
  return failed == 0 && passed > 0 ? 0 : 1;
}

/// Reads until the end of the stream; false when the time is up first.
bool readFor(int fd, unsigned seconds, std::string& output) {
  using std::chrono::steady_clock;
  const auto end = steady_clock::now() + std::chrono::seconds(seconds);
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - steady_clock::now()).count();
    pollfd waiting{fd, POLLIN, 0};
    if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) == 0) return false;
    char buffer[4096];
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count <= 0) return true;
    output.append(buffer, static_cast<size_t>(count));
  }
}

}  // namespace

void registerTest(const char* name, void (*body)(), bool child) { tests().push_back({name, body, child}); }

void fail(const char* file, int line, const std::string& text) {
  throw Failure{std::string(file) + ":" + std::to_string(line) + ": " + text};
}

std::string nameOfError(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.name;
  }
  return {};
}

Error errorOf(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  throw Failure{"expected an Error, and none was thrown"};
}

ChildResult runChild(const char* name, const Environment& environment) { return runChildFor(name, environment, 60); }

ChildResult runChildFor(const char* name, const Environment& environment, unsigned seconds) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Failure{"pipe2 failed"};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  std::string program = "/proc/self/exe";
  std::string option = "--child";
  std::string child = name;
  char* arguments[] = {program.data(), option.data(), child.data(), nullptr};
  pid_t pid = 0;
  int result = 0;
  {
    const ScopedEnvironment scoped(environment);
    result = ::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments, environ);
  }
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (result != 0) throw Failure{"posix_spawn failed"};
  ChildResult child_result;
  if (!readFor(ends[0], seconds, child_result.output)) ::kill(pid, SIGKILL);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  child_result.status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  return child_result;
}

ScopedEnvironment::ScopedEnvironment(const Environment& environment) : set_(environment) {
  for (const auto& [name, value] : set_) ::setenv(name.c_str(), value.c_str(), 1);
}

ScopedEnvironment::~ScopedEnvironment() {
  for (const auto& entry : set_) ::unsetenv(entry.first.c_str());
}

}  // namespace coldframe::test

int main(int count, char** arguments) {
  ::alarm(coldframe::test::kWatchdogSeconds);
  const std::string_view first = count > 1 ? arguments[1] : "";
  if (first == "--child" && count == 3) return coldframe::test::runAsChild(arguments[2]);
  return coldframe::test::runAll(first);
}
