#include "vix_allocated.h"

#include <algorithm>

#include "failures.h"
#include "vix_functions.h"

namespace coldframe {

namespace {

constexpr uint64_t kChunkSectors = abi::kMinChunkSectors;
constexpr uint64_t kStepSectors = kChunkSectors * abi::kMaxChunksPerQuery;  // 32 GiB

struct Sectors {
  uint64_t start;
  uint64_t end;
};

std::vector<abi::Block> ask(VixLibrary& library, abi::Handle handle, Sectors range) {
  const VixFunctions& functions = library.functions();
  abi::BlockList* list = nullptr;
  const abi::VixError result =
      functions.QueryAllocatedBlocks(handle, range.start, range.end - range.start, kChunkSectors, &list);
  if (result != abi::kOk) throw library.error(result, "QueryAllocatedBlocks");
  if (list == nullptr) return {};
  std::vector<abi::Block> blocks(list->blocks, list->blocks + list->count);
  functions.FreeBlockList(list);
  return blocks;
}

/// Servers before 6.0 refuse every query: find that out with the smallest one.
void probe(VixLibrary& library, abi::Handle handle) {
  try {
    ask(library, handle, {0, kChunkSectors});
  } catch (const Error& refused) {
    if (refused.retry == Retry::kReconnect) throw;
    Error error = refused;
    error.text = "The server gives no map of allocated blocks: " + refused.text;
    error.name = kNotSupported;
    throw error;
  }
}

void append(std::vector<Extent>& extents, Sectors found, Extent range) {
  const uint64_t first = std::max(found.start * kSectorBytes, range.offset);
  const uint64_t last = std::min(found.end * kSectorBytes, range.offset + range.length);
  if (first < last) extents.push_back({first, last - first});
}

std::vector<Extent> merged(std::vector<Extent> extents) {
  std::sort(extents.begin(), extents.end(),
            [](const Extent& left, const Extent& right) { return left.offset < right.offset; });
  std::vector<Extent> result;
  for (const Extent& extent : extents) {
    if (!result.empty() && extent.offset <= result.back().offset + result.back().length) {
      Extent& last = result.back();
      last.length = std::max(last.offset + last.length, extent.offset + extent.length) - last.offset;
    } else {
      result.push_back(extent);
    }
  }
  return result;
}

}  // namespace

std::vector<Extent> queryAllocated(VixLibrary& library, abi::Handle handle, const AllocatedQuery& query) {
  const VixFunctions& functions = library.functions();
  if (functions.QueryAllocatedBlocks == nullptr || functions.FreeBlockList == nullptr) {
    throw ownError(kNotSupported, "VixDiskLib_QueryAllocatedBlocks",
                   "This release of VMware's library gives no map of allocated blocks.");
  }
  const uint64_t capacity = query.capacityBytes / kSectorBytes;
  const uint64_t wholeChunks = capacity / kChunkSectors * kChunkSectors;
  const uint64_t rangeEnd = (query.range.offset + query.range.length + kSectorBytes - 1) / kSectorBytes;
  const uint64_t roundedEnd = (rangeEnd + kChunkSectors - 1) / kChunkSectors * kChunkSectors;
  const uint64_t askedEnd = std::min(roundedEnd, wholeChunks);
  std::vector<Extent> extents;
  if (wholeChunks > 0) probe(library, handle);
  uint64_t at = query.range.offset / kSectorBytes / kChunkSectors * kChunkSectors;
  while (at < askedEnd) {
    const Sectors step{at, std::min(at + kStepSectors, askedEnd)};
    for (const abi::Block& block : ask(library, handle, step)) {
      // A block outside the question says nothing that we may rely on.
      const uint64_t start = std::clamp(block.offsetSectors, step.start, step.end);
      const uint64_t length = std::min(block.lengthSectors, step.end - start);
      if (block.offsetSectors <= start) append(extents, {start, start + length}, query.range);
    }
    at = step.end;
  }
  append(extents, {wholeChunks, capacity}, query.range);
  return merged(std::move(extents));
}

}  // namespace coldframe
