// How many slots are read at once.
//
// A source with latency gives more the more it is asked for at once; one that is
// at its limit does not, and slots in flight for nothing push the bytes out of the
// processor's cache. So: ask for more, keep it where the rate rose, else go back
// and ask again later.
#pragma once

#include <algorithm>
#include <chrono>

namespace coldframe {

class ReadWindow {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  ReadWindow(unsigned most, Time now) : most_(most), size_(std::min(most, kLeast)), since_(now) {}

  unsigned size() const { return size_; }

  /// A slot has been read. `starved`: nothing else was waiting to be worked on.
  void completed(bool starved, Time now) {
    slots_++;
    if (starved) starved_++;
    if (slots_ < kSlotsPerPlace * size_) return;
    const double rate = slots_ / std::max(1e-6, std::chrono::duration<double>(now - since_).count());
    const bool hungry = 2 * starved_ > slots_;
    slots_ = starved_ = 0;
    since_ = now;
    step(rate, hungry);
  }

 private:
  static constexpr unsigned kLeast = 8;
  /// Slots after which the rate is looked at, for each place of the window.
  static constexpr unsigned kSlotsPerPlace = 4;
  static constexpr double kWorthwhile = 1.1;
  /// Looks to wait before trying again.
  static constexpr unsigned kRest = 32;

  void step(double rate, bool hungry) {
    if (trying_) {
      trying_ = false;
      if (rate < rateBefore_ * kWorthwhile) {
        size_ = sizeBefore_;
        rest_ = kRest;
      }
    }
    if (rest_ > 0) {
      rest_--;
    } else if (hungry && size_ < most_) {
      trying_ = true;
      rateBefore_ = rate;
      sizeBefore_ = size_;
      size_ = std::min(most_, size_ + size_ / 2);
    }
  }

  const unsigned most_;
  unsigned size_;
  Time since_;
  unsigned slots_ = 0;
  unsigned starved_ = 0;
  bool trying_ = false;
  double rateBefore_ = 0;
  unsigned sizeBefore_ = 0;
  unsigned rest_ = 0;
};

}  // namespace coldframe
