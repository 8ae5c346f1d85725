// The sink: bytes, holes, short writes, errors, in both modes.
#include "../pipeline/file_sink.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>

#include "harness.h"
#include "lab_world.h"

namespace coldframe::test {

namespace {

/// Counts finished jobs and keeps the first error.
struct Jobs {
  std::mutex mutex;
  std::condition_variable wake;
  uint64_t done = 0;
  std::optional<Error> error;

  FileSink::Done callback() {
    return [this](uint64_t id, const Error* failure) {
      {
        const std::lock_guard lock(mutex);
        EXPECT_EQ(id, done);
        done++;
        if (failure != nullptr && !error) error = *failure;
      }
      wake.notify_all();
    };
  }
  void wait(uint64_t count) {
    std::unique_lock lock(mutex);
    wake.wait(lock, [&] { return done == count; });
  }
};

FileDescriptor create(const std::string& path, bool direct) {
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | (direct ? O_DIRECT : 0);
  return FileDescriptor(::open(path.c_str(), flags, 0600));
}

struct iovec span(Bytes& bytes, size_t from, size_t length) { return {bytes.data() + from, length}; }

TEST(sinkWritesBuffersAndHolesInBothModes) {
  for (const bool direct : {false, true}) {
    const TempDir dir;
    Jobs jobs;
    Bytes bytes = randomBytes(9'000'001, 3);
    FileDescriptor fd = create(dir / "file", direct);
    EXPECT(static_cast<bool>(fd));
    FileSink sink(std::move(fd), {.direct = direct, .rolling = true}, jobs.callback());
    uint64_t id = 0;
    Bytes expected;
    const auto write = [&](size_t from, size_t length) {
      sink.write(id++, {span(bytes, from, length / 3), span(bytes, from + length / 3, length - length / 3)});
      expected.insert(expected.end(), bytes.begin() + static_cast<long>(from), bytes.begin() + static_cast<long>(from + length));
    };
    const auto hole = [&](size_t length) {
      sink.hole(id++, length);
      expected.resize(expected.size() + length);
    };
    write(0, 100);
    hole(50);
    write(100, 5'000'000);
    hole(3'000'000);
    sink.sync(id++);
    write(5'000'100, 1);
    sink.sync(id++);
    write(5'000'101, 3'000'000);
    hole(1'000'000);
    sink.close(id++);
    jobs.wait(id);
    EXPECT(!jobs.error);
    EXPECT(readFile(dir / "file") == expected);
    struct stat status {};
    EXPECT_EQ(::stat((dir / "file").c_str(), &status), 0);
    EXPECT(static_cast<size_t>(status.st_blocks) * 512 + 3'500'000 < expected.size());
  }
}

TEST(sinkTakesMoreBuffersThanOneSystemCall) {
  const TempDir dir;
  Jobs jobs;
  Bytes bytes = randomBytes(3000 * 7, 8);
  FileSink sink(create(dir / "file", false), {.direct = false, .rolling = false}, jobs.callback());
  std::vector<struct iovec> buffers;
  for (size_t i = 0; i < 3000; i++) buffers.push_back(span(bytes, i * 7, 7));
  sink.write(0, buffers);
  sink.close(1);
  jobs.wait(2);
  EXPECT(readFile(dir / "file") == bytes);
}

TEST(sinkKeepsRollingBehindALongFile) {
  const TempDir dir;
  Jobs jobs;
  Bytes bytes = randomBytes(size_t{8} << 20, 5);
  FileSink sink(create(dir / "file", false), {.direct = false, .rolling = true}, jobs.callback());
  uint64_t id = 0;
  for (int i = 0; i < 14; i++) sink.write(id++, {span(bytes, 0, bytes.size())});
  sink.sync(id++);
  sink.close(id++);
  jobs.wait(id);
  EXPECT(!jobs.error);
  const Bytes file = readFile(dir / "file");
  EXPECT_EQ(file.size(), bytes.size() * 14);
  for (size_t i = 0; i < 14; i++) EXPECT(std::equal(bytes.begin(), bytes.end(), file.begin() + static_cast<long>(i * bytes.size())));
}

TEST(sinkNamesTheFirstErrorForAllThatFollows) {
  const TempDir dir;
  Jobs jobs;
  Bytes bytes(5000);
  FileSink sink(FileDescriptor(::open("/dev/full", O_WRONLY | O_CLOEXEC)), {.direct = false, .rolling = false},
                jobs.callback());
  sink.write(0, {span(bytes, 0, bytes.size())});
  sink.sync(1);
  sink.close(2);
  jobs.wait(3);
  EXPECT_EQ(jobs.error->name, "ENOSPC");
  EXPECT_EQ(jobs.error->raw, static_cast<uint64_t>(ENOSPC));
}

CHILD(sinkBeyondTheSizeLimit) {
  // A write that crosses the limit is short first, and fails then.
  ::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit limit {100'000, 100'000};
  EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  const TempDir dir;
  Jobs jobs;
  Bytes bytes = randomBytes(150'000, 1);
  FileSink sink(create(dir / "file", false), {.direct = false, .rolling = false}, jobs.callback());
  sink.write(0, {span(bytes, 0, bytes.size())});
  jobs.wait(1);
  EXPECT_EQ(jobs.error->name, "EFBIG");
  EXPECT_CONTAINS(jobs.error->text, "100000");
}

TEST(sinkGoesOnAfterAShortWrite) {
  const ChildResult child = runChild("sinkBeyondTheSizeLimit", {});
  EXPECT_EQ(child.output, "");
  EXPECT_EQ(child.status, 0);
}

TEST(sinkMayBeDroppedWithWorkQueued) {
  const TempDir dir;
  Jobs jobs;
  Bytes bytes = randomBytes(1 << 20, 1);
  {
    FileSink sink(create(dir / "file", false), {.direct = false, .rolling = true}, jobs.callback());
    for (uint64_t id = 0; id < 40; id++) sink.write(id, {span(bytes, 0, bytes.size())});
  }
  const std::lock_guard lock(jobs.mutex);
  EXPECT(!jobs.error);
}

}  // namespace

}  // namespace coldframe::test
