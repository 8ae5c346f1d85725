#include "lab_state.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "../core/file_descriptor.h"

namespace coldframe::lab {

namespace {

constexpr const char* kPrefix = "attached-";
std::atomic<uint64_t> notes{0};

/// When a process started, in clock ticks since boot; 0 for one that is gone.
/// With it a process id that was used again is not taken for the old process.
uint64_t startOf(int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(file, text)) return 0;
  // The command's name may hold anything, so count the fields from its end.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string field;
  for (int i = 3; i <= 22; i++) fields >> field;
  return std::strtoull(field.c_str(), nullptr, 10);
}

}  // namespace

void appendEvent(const Settings& settings, const char* event, const Attachment& subject) {
  if (settings.eventsPath.empty()) return;
  const std::string line =
      std::string(event) + '\t' + subject.moref + '\t' + subject.path + '\t' + std::to_string(::getpid()) + '\n';
  const FileDescriptor file(::open(settings.eventsPath.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
  // One write: lines of several processes do not mix.
  if (!file || ::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::abort();
}

std::string noteAttachment(const Settings& settings, const Attachment& attachment) {
  appendEvent(settings, "attach", attachment);
  if (settings.tmpDirectory.empty()) return {};
  const int64_t pid = ::getpid();
  const std::string note = settings.tmpDirectory + "/" + kPrefix + std::to_string(pid) + "-" + std::to_string(++notes);
  std::ofstream file(note);
  file << pid << '\n' << startOf(pid) << '\n' << attachment.moref << '\n' << attachment.path << '\n';
  return note;
}

void forgetAttachment(const Settings& settings, const std::string& note, const Attachment& attachment) {
  appendEvent(settings, "detach", attachment);
  if (!note.empty()) ::unlink(note.c_str());
}

CleanupCounts cleanUp(const Settings& settings) {
  CleanupCounts counts;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(settings.tmpDirectory, failure)) {
    if (!entry.path().filename().string().starts_with(kPrefix)) continue;
    std::ifstream file(entry.path());
    int64_t pid = 0;
    uint64_t started = 0;
    Attachment attachment;
    file >> pid >> started >> std::ws;
    std::getline(file, attachment.moref);
    std::getline(file, attachment.path);
    if (pid > 0 && startOf(pid) == started) {
      counts.remaining++;
    } else {
      forgetAttachment(settings, entry.path().string(), attachment);
      counts.cleaned++;
    }
  }
  return counts;
}

}  // namespace coldframe::lab
