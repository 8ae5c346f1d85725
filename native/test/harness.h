// A small test harness: registered functions, expectations that throw, and
// child processes for what must not happen in this one.
#pragma once

#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

#include "../core/error.h"

namespace coldframe::test {

struct Failure {
  std::string text;
};

void registerTest(const char* name, void (*body)(), bool child);

struct Registration {
  Registration(const char* name, void (*body)(), bool child) { registerTest(name, body, child); }
};

[[noreturn]] void fail(const char* file, int line, const std::string& text);

template <typename Value>
std::string shown(const Value& value) {
  std::ostringstream out;
  if constexpr (std::is_enum_v<Value>) {
    out << static_cast<long>(value);
  } else {
    out << value;
  }
  return out.str();
}

/// The name of the Error that `work` throws; empty where it throws none.
std::string nameOfError(const std::function<void()>& work);
/// The Error that `work` throws; the test fails where it throws none.
Error errorOf(const std::function<void()>& work);

struct ChildResult {
  /// Exit code, or minus the signal that ended it.
  int status = 0;
  /// Both streams together.
  std::string output;
};

using Environment = std::map<std::string, std::string>;

/// Runs a CHILD of this program in a new process, and kills it when it takes
/// longer than a minute (status -9).
ChildResult runChild(const char* name, const Environment& environment);
/// As above, killed by the caller's choice after `seconds`.
ChildResult runChildFor(const char* name, const Environment& environment, unsigned seconds);

/// Sets environment variables until the end of the scope.
class ScopedEnvironment {
 public:
  explicit ScopedEnvironment(const Environment& environment);
  ~ScopedEnvironment();
  ScopedEnvironment(const ScopedEnvironment&) = delete;
  ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;

 private:
  Environment set_;
};

}  // namespace coldframe::test

#define COLDFRAME_TEST(name, child)                                                             \
  static void name();                                                                           \
  static const ::coldframe::test::Registration name##Registration(#name, name, child); \
  static void name()

#define TEST(name) COLDFRAME_TEST(name, false)
#define CHILD(name) COLDFRAME_TEST(name, true)

#define EXPECT(condition) \
  ((condition) ? void() : ::coldframe::test::fail(__FILE__, __LINE__, "expected " #condition))

#define EXPECT_EQ(actual, expected)                                                                    \
  do {                                                                                                 \
    const auto actualValue = (actual);                                                                 \
    const auto expectedValue = (expected);                                                             \
    if (!(actualValue == expectedValue)) {                                                             \
      ::coldframe::test::fail(__FILE__, __LINE__,                                                      \
                              #actual " is " + ::coldframe::test::shown(actualValue) + ", expected " + \
                                  ::coldframe::test::shown(expectedValue));                            \
    }                                                                                                  \
  } while (false)

#define EXPECT_CONTAINS(text, part)                                                              \
  do {                                                                                           \
    const std::string textValue = (text);                                                        \
    if (textValue.find(part) == std::string::npos) {                                             \
      ::coldframe::test::fail(__FILE__, __LINE__, #text " lacks " #part " in: " + textValue);    \
    }                                                                                            \
  } while (false)
