// Exports: reads, writes and the map of allocated blocks.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "exports.h"
#include "lab_codes.h"
#include "lab_library.h"

namespace coldframe::abi {

using namespace coldframe::lab;

namespace {

/// `const_cast` in one place: a write never changes its buffer.
uint8_t* plain(const uint8_t* buffer) { return const_cast<uint8_t*>(buffer); }

VixError transferNow(Handle handle, Function function, Transfer transfer) {
  LabDisk* disk = diskOf(handle);
  if (disk == nullptr) return kInvalidHandle;
  const HandleCall use(*disk, function);
  const Call call(function);
  Library& lab = library();
  if (call.error() != kOk) return call.error();
  if (disk->async && lab.pool->outstanding(*disk) > 0) return kMixedMode;
  if (const uint64_t code = checkTransfer(*disk, transfer)) return code;
  transfer.shortened = call.effect().shortened;
  if (lab.settings.latency.count() > 0) std::this_thread::sleep_for(lab.settings.latency);
  return runTransfer(*disk, transfer);
}

VixError transferAsync(Handle handle, Function function, LabPool::Job job) {
  LabDisk* disk = diskOf(handle);
  if (disk == nullptr) return kInvalidHandle;
  const HandleCall use(*disk, function);
  const Call call(function);
  const Effect& effect = call.effect();
  Library& lab = library();
  if (job.done == nullptr) return kInvalidArgument;
  if (effect.refuse != 0) return effect.refuse;
  if (const uint64_t code = checkTransfer(*disk, job.transfer)) return code;
  if (effect.mute) return kOk;
  if (effect.lose) return kAccepted;
  job.disk = disk;
  job.error = effect.error;
  job.transfer.shortened = effect.shortened;
  if (disk->async && !effect.zero && effect.betray == 0) {
    job.due = std::chrono::steady_clock::now() + lab.settings.latency;
    lab.pool->push(job);
    return kAccepted;
  }
  if (lab.settings.latency.count() > 0) std::this_thread::sleep_for(lab.settings.latency);
  complete(job, job.error != 0 ? job.error : runTransfer(*disk, job.transfer));
  if (effect.betray != 0) return effect.betray;
  return effect.zero ? kOk : kAccepted;
}

}  // namespace

VixError VixDiskLib_Read(Handle handle, uint64_t start, uint64_t count, uint8_t* buffer) {
  return transferNow(handle, Function::kRead, {start, count, buffer});
}

VixError VixDiskLib_Write(Handle handle, uint64_t start, uint64_t count, const uint8_t* buffer) {
  return transferNow(handle, Function::kWrite, {start, count, plain(buffer), true});
}

VixError VixDiskLib_ReadAsync(Handle handle, uint64_t start, uint64_t count, uint8_t* buffer, CompletionCallback* done,
                              void* context) {
  return transferAsync(handle, Function::kReadAsync, {.transfer = {start, count, buffer}, .done = done, .context = context});
}

VixError VixDiskLib_WriteAsync(Handle handle, uint64_t start, uint64_t count, const uint8_t* buffer,
                               CompletionCallback* done, void* context) {
  return transferAsync(handle, Function::kWriteAsync, {.transfer = {start, count, plain(buffer), true}, .done = done, .context = context});
}

VixError VixDiskLib_Wait(Handle handle) {
  const Call call(Function::kWait);
  LabDisk* disk = diskOf(handle);
  if (disk == nullptr) return kInvalidHandle;
  const HandleCall use(*disk, Function::kWait);
  if (disk->async) library().pool->wait(*disk);
  return call.error();
}

VixError VixDiskLib_Flush(Handle handle) {
  const Call call(Function::kFlush);
  LabDisk* disk = diskOf(handle);
  if (disk == nullptr) return kInvalidHandle;
  const HandleCall use(*disk, Function::kFlush);
  if (call.error() != kOk) return call.error();
  return !disk->writable || ::fdatasync(disk->file.get()) == 0 ? kOk : kFileError;
}

#ifndef COLDFRAME_LAB_NO_67
VixError VixDiskLib_QueryAllocatedBlocks(Handle handle, uint64_t start, uint64_t count, uint64_t chunk,
                                         BlockList** blocks) {
  const Call call(Function::kQueryAllocatedBlocks);
  LabDisk* disk = diskOf(handle);
  if (disk == nullptr) return kInvalidHandle;
  const HandleCall use(*disk, Function::kQueryAllocatedBlocks);
  if (call.error() != kOk) return call.error();
  if (blocks == nullptr) return kInvalidArgument;
  std::vector<Block> found;
  if (const uint64_t code = findAllocated(*disk, {start, count}, chunk, found)) return code;
  if (call.effect().shortened && !found.empty()) found.pop_back();
  const size_t bytes = offsetof(BlockList, blocks) + std::max<size_t>(found.size(), 1) * sizeof(Block);
  auto* list = static_cast<BlockList*>(std::calloc(1, bytes));
  list->count = static_cast<uint32_t>(found.size());
  if (!found.empty()) {
    auto* blocksAt = reinterpret_cast<char*>(list) + offsetof(BlockList, blocks);
    std::memcpy(blocksAt, found.data(), found.size() * sizeof(Block));
  }
  *blocks = list;
  return kOk;
}

VixError VixDiskLib_FreeBlockList(BlockList* blocks) {
  std::free(blocks);
  return kOk;
}
#endif

}  // namespace coldframe::abi
