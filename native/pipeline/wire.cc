#include "wire.h"

#include <algorithm>
#include <cstring>

#include "failures.h"

namespace coldframe {

namespace {

struct Header {
  uint32_t length;
  uint16_t type;
  uint16_t zero;
  uint64_t tag;
};
static_assert(sizeof(Header) == kMessageHeader);
static_assert(sizeof(Segment) == 24);

}  // namespace

void appendMessage(Bytes& out, MessageType type, uint64_t tag, const Bytes& body) {
  if (body.size() > kMessageMax) throw ownError(kProtocol, "message", "A message would be too long.");
  const Header header{static_cast<uint32_t>(body.size()), static_cast<uint16_t>(type), 0, tag};
  const auto* bytes = reinterpret_cast<const uint8_t*>(&header);
  out.insert(out.end(), bytes, bytes + sizeof(header));
  out.insert(out.end(), body.begin(), body.end());
}

Bytes encodeTransfers(uint32_t disk, std::span<const Transfer> transfers) {
  Bytes body;
  BodyWriter writer(body);
  writer.number32(disk);
  writer.number32(static_cast<uint32_t>(transfers.size()));
  for (const Transfer& transfer : transfers) {
    writer.number64(transfer.tag);
    writer.number32(static_cast<uint32_t>(transfer.segments.size()));
    for (const Segment& segment : transfer.segments) {
      writer.number64(segment.ringOffset);
      writer.number64(segment.diskOffset);
      writer.number64(segment.length);
    }
  }
  return body;
}

TransferBatch decodeTransfers(std::span<const uint8_t> body) {
  BodyReader reader(body);
  TransferBatch batch;
  batch.disk = reader.number32();
  for (uint32_t left = reader.number32(); left > 0; left--) {
    Transfer transfer;
    transfer.tag = reader.number64();
    for (uint32_t segments = reader.number32(); segments > 0; segments--) {
      Segment segment;
      segment.ringOffset = reader.number64();
      segment.diskOffset = reader.number64();
      segment.length = reader.number64();
      transfer.segments.push_back(segment);
    }
    batch.transfers.push_back(std::move(transfer));
  }
  return batch;
}

Bytes encodeCompletions(std::span<const Completion> completions) {
  Bytes body;
  BodyWriter writer(body);
  writer.number32(static_cast<uint32_t>(completions.size()));
  for (const Completion& completion : completions) {
    writer.number64(completion.tag);
    writer.number8(completion.error ? 1 : 0);
    if (completion.error) writer.error(*completion.error);
  }
  return body;
}

std::vector<Completion> decodeCompletions(std::span<const uint8_t> body) {
  BodyReader reader(body);
  std::vector<Completion> completions;
  for (uint32_t left = reader.number32(); left > 0; left--) {
    Completion completion;
    completion.tag = reader.number64();
    if (reader.number8() != 0) completion.error = reader.error();
    completions.push_back(std::move(completion));
  }
  return completions;
}

std::span<uint8_t> MessageCutter::room() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ >= kMessageHeader) {
    Header header;
    std::memcpy(&header, buffer_.data(), sizeof(header));
    buffer_.resize(std::max(buffer_.size(), kMessageHeader + header.length));
  }
  return std::span(buffer_).subspan(end_);
}

std::optional<Message> MessageCutter::next() {
  if (end_ - begin_ < kMessageHeader) return std::nullopt;
  Header header;
  std::memcpy(&header, buffer_.data() + begin_, sizeof(header));
  if (header.length > kMessageMax || header.zero != 0) {
    throw ownError(kProtocol, "message", "The other side sent something that is not a message.");
  }
  if (end_ - begin_ - kMessageHeader < header.length) return std::nullopt;
  const uint8_t* body = buffer_.data() + begin_ + kMessageHeader;
  begin_ += kMessageHeader + header.length;
  return Message{static_cast<MessageType>(header.type), header.tag, {body, header.length}};
}

}  // namespace coldframe
