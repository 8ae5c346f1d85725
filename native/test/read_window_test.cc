// The number of slots read at once, against sources of known latency and rate.
#include "../pipeline/read_window.h"

#include "harness.h"

namespace coldframe::test {

namespace {

using std::chrono::duration_cast;

/// Slots a second: as many as are asked for at once in each latency, up to `most`.
struct Source {
  double latencyS;
  double most;
};

/// The window after `slots` slots.
unsigned settle(const Source& source, unsigned slots, bool starved = true, unsigned most = 32) {
  ReadWindow::Time now{};
  ReadWindow window(most, now);
  for (unsigned i = 0; i < slots; i++) {
    const double rate = std::min(source.most, window.size() / source.latencyS);
    now += duration_cast<ReadWindow::Clock::duration>(std::chrono::duration<double>(1 / rate));
    window.completed(starved, now);
  }
  return window.size();
}

TEST(aSourceWithLatencyIsAskedForAllThereIs) { EXPECT_EQ(settle({.latencyS = 0.003, .most = 1e9}, 1000), 32U); }

TEST(aSourceAtItsLimitIsNotPressed) { EXPECT_EQ(settle({.latencyS = 0.0001, .most = 4000}, 700), 8U); }

TEST(theWindowStopsWhereTheRateDoes) {
  // 12 in flight carry it; 18 bring nothing.
  EXPECT_EQ(settle({.latencyS = 0.003, .most = 4000}, 400), 12U);
}

TEST(aPipelineThatIsBusyReadsNoFurtherAhead) {
  EXPECT_EQ(settle({.latencyS = 0.003, .most = 1e9}, 1000, false), 8U);
}

TEST(theCallersMostIsKept) {
  EXPECT_EQ(settle({.latencyS = 0.003, .most = 1e9}, 1000, true, 4), 4U);
  EXPECT_EQ(settle({.latencyS = 0.003, .most = 1e9}, 1000, true, 10), 10U);
}

}  // namespace

}  // namespace coldframe::test
