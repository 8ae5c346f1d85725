// Shared memory and the areas of it.
#include "../pipeline/ring.h"

#include <fcntl.h>

#include "harness.h"

namespace coldframe::test {

namespace {

TEST(ringIsSeenByBothSides) {
  const auto ours = Ring::create(1 << 20);
  const auto theirs = Ring::attach(FileDescriptor(::fcntl(ours->fd(), F_DUPFD_CLOEXEC, 0)));
  EXPECT_EQ(theirs->size(), ours->size());
  ours->data()[4096] = 42;
  EXPECT_EQ(theirs->at(4096, 1)[0], 42);
}

TEST(ringGivesNothingOutsideItself) {
  const auto ring = Ring::create(8192);
  EXPECT(ring->at(0, 8192) == ring->data());
  EXPECT(ring->at(8192, 0) != nullptr);
  EXPECT(ring->at(0, 8193) == nullptr);
  EXPECT(ring->at(8192, 1) == nullptr);
  EXPECT(ring->at(UINT64_MAX, 2) == nullptr);
  EXPECT(ring->at(2, UINT64_MAX) == nullptr);
}

TEST(areasNeverOverlapAndAreGivenAgain) {
  const auto areas = std::make_shared<RingAreas>(Ring::create(16 * kPage));
  auto first = areas->take(4 * kPage);
  auto second = areas->take(1);
  const auto third = areas->take(4 * kPage);
  EXPECT_EQ(first->offset(), 0U);
  EXPECT_EQ(second->offset(), 4 * kPage);
  EXPECT_EQ(second->size(), kPage);
  EXPECT_EQ(third->offset(), 5 * kPage);
  EXPECT_EQ(nameOfError([&] { areas->take(8 * kPage); }), "ENOMEM");
  second.reset();
  EXPECT_EQ(areas->take(2 * kPage)->offset(), 9 * kPage);
  first.reset();
  EXPECT_EQ(areas->take(5 * kPage)->offset(), 0U);
}

}  // namespace

}  // namespace coldframe::test
