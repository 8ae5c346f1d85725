// The messages between the mover and its disk worker: a 16-byte header (body
// length u32, type u16, zero u16, tag u64; little-endian) and a body.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "error.h"
#include "record.h"

namespace coldframe {

inline constexpr size_t kMessageHeader = 16;
/// No honest message is longer; a longer one is taken for noise.
inline constexpr uint32_t kMessageMax = 64 * 1024 * 1024;

enum class MessageType : uint16_t {
  /// To the worker: text (name of the order), record. The tag returns in the reply.
  kOrder = 1,
  /// To the worker: disk u32, count u32, transfers.
  kRead = 2,
  kWrite = 3,
  /// From the worker: record.
  kReply = 16,
  /// From the worker: error.
  kFailure = 17,
  /// From the worker: count u32, then completions.
  kCompleted = 18,
};

/// Bytes between one place of the disk and one of the ring.
struct Segment {
  uint64_t ringOffset = 0;
  uint64_t diskOffset = 0;
  uint64_t length = 0;
};

/// One slot's reads or writes: they complete together.
struct Transfer {
  uint64_t tag = 0;
  std::vector<Segment> segments;
};

struct Completion {
  uint64_t tag = 0;
  std::optional<Error> error;
};

struct Message {
  MessageType type = MessageType::kOrder;
  uint64_t tag = 0;
  std::span<const uint8_t> body;
};

/// Appends header and body.
void appendMessage(Bytes& out, MessageType type, uint64_t tag, const Bytes& body);

Bytes encodeTransfers(uint32_t disk, std::span<const Transfer> transfers);
struct TransferBatch {
  uint32_t disk = 0;
  std::vector<Transfer> transfers;
};
TransferBatch decodeTransfers(std::span<const uint8_t> body);

Bytes encodeCompletions(std::span<const Completion> completions);
std::vector<Completion> decodeCompletions(std::span<const uint8_t> body);

/// Cuts a byte stream into messages.
class MessageCutter {
 public:
  /// Where the next bytes of the stream go, and that they have come.
  std::span<uint8_t> room();
  void added(size_t length) { end_ += length; }
  /// The next whole message; its body is valid until the next room(). Throws
  /// Error(kProtocol) for a header that makes no sense.
  std::optional<Message> next();

 private:
  Bytes buffer_ = Bytes(64 * 1024);
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace coldframe
