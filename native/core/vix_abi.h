// Our own declarations of VixDiskLib's binary interface on x86-64 Linux. Only
// offsets, sizes and numbers matter to the library; the names are ours.
#pragma once

#include <cstdarg>
#include <cstddef>
#include <cstdint>

namespace coldframe::abi {

using VixError = uint64_t;
using VixBool = char;

struct ConnectionTag;
struct HandleTag;
using Connection = ConnectionTag*;
using Handle = HandleTag*;

using LogCallback = void(const char* format, va_list arguments);
using CompletionCallback = void(void* context, VixError result);
using ProgressCallback = VixBool(void* context, int percent);

inline constexpr VixError kOk = 0;
inline constexpr VixError kAccepted = 25000;
inline constexpr VixError kBufferTooSmall = 24;

/// The low 16 bits are the code, the others may hold anything.
constexpr uint32_t codeOf(VixError error) { return static_cast<uint32_t>(error & 0xFFFF); }

enum CredentialType : int32_t { kCredUser = 1, kCredCookie = 2, kCredTicket = 3, kCredUnknown = 256 };
enum SpecType : int32_t { kSpecVm = 0, kSpecFirstClassDisk = 1 };

enum OpenFlag : uint32_t {
  kOpenUnbuffered = 1,
  kOpenSingleLink = 2,
  kOpenReadOnly = 4,
  kOpenZlib = 16,
  kOpenFastlz = 32,
  kOpenSkipz = 64,
};

inline constexpr uint64_t kMinChunkSectors = 128;
inline constexpr uint64_t kMaxChunkSectors = 131072;
inline constexpr uint64_t kMaxChunksPerQuery = 524288;

union Credentials {
  struct {
    char* user;
    char* password;
  } uid;
  struct {
    char* cookie;
    char* user;
    char* key;
  } cookie;
  void* ticket;
};

union Spec {
  struct {
    char* id;
    char* datastoreMoref;
    char* ssId;
  } firstClassDisk;
};

struct ConnectParams {
  char* vmxSpec;
  char* serverName;
  char* thumbprint;
  long reserved1;
  int32_t credType;
  Credentials creds;
  uint32_t port;
  uint32_t nfcHostPort;
  char* vimApiVersion;
  // From here on 6.7 and later only; a 6.5 library ends here and ignores it.
  char reserved2[8];
  void* state;
  Spec spec;
  int32_t specType;
};
static_assert(offsetof(ConnectParams, vmxSpec) == 0);
static_assert(offsetof(ConnectParams, serverName) == 8);
static_assert(offsetof(ConnectParams, thumbprint) == 16);
static_assert(offsetof(ConnectParams, reserved1) == 24);
static_assert(offsetof(ConnectParams, credType) == 32);
static_assert(offsetof(ConnectParams, creds) == 40);
static_assert(offsetof(ConnectParams, creds.uid.user) == 40);
static_assert(offsetof(ConnectParams, creds.uid.password) == 48);
static_assert(offsetof(ConnectParams, creds.cookie.cookie) == 40);
static_assert(offsetof(ConnectParams, creds.cookie.user) == 48);
static_assert(offsetof(ConnectParams, creds.cookie.key) == 56);
static_assert(offsetof(ConnectParams, creds.ticket) == 40);
static_assert(sizeof(Credentials) == 24);
static_assert(offsetof(ConnectParams, port) == 64);
static_assert(offsetof(ConnectParams, nfcHostPort) == 68);
static_assert(offsetof(ConnectParams, vimApiVersion) == 72);
static_assert(offsetof(ConnectParams, reserved2) == 80);
static_assert(offsetof(ConnectParams, state) == 88);
static_assert(offsetof(ConnectParams, spec) == 96);
static_assert(offsetof(ConnectParams, spec.firstClassDisk.datastoreMoref) == 104);
static_assert(offsetof(ConnectParams, spec.firstClassDisk.ssId) == 112);
static_assert(offsetof(ConnectParams, specType) == 120);
static_assert(sizeof(ConnectParams) == 128);

struct Geometry {
  uint32_t cylinders;
  uint32_t heads;
  uint32_t sectors;
};
static_assert(sizeof(Geometry) == 12);

struct Info {
  Geometry biosGeometry;
  Geometry physicalGeometry;
  uint64_t capacitySectors;
  int32_t adapterType;
  int32_t linkCount;
  char* parentFileNameHint;
  char* uuid;
  // Only from major 7 on; before, these bytes lie past the allocation.
  uint32_t logicalSectorBytes;
  uint32_t physicalSectorBytes;
};
inline constexpr size_t kInfoBytesBefore7 = 56;
static_assert(offsetof(Info, physicalGeometry) == 12);
static_assert(offsetof(Info, capacitySectors) == 24);
static_assert(offsetof(Info, adapterType) == 32);
static_assert(offsetof(Info, linkCount) == 36);
static_assert(offsetof(Info, parentFileNameHint) == 40);
static_assert(offsetof(Info, uuid) == 48);
static_assert(offsetof(Info, logicalSectorBytes) == kInfoBytesBefore7);
static_assert(offsetof(Info, physicalSectorBytes) == 60);
static_assert(sizeof(Info) == 64);

struct CreateParams {
  int32_t diskType;
  int32_t adapterType;
  uint16_t hardwareVersion;
  uint64_t capacitySectors;
  uint32_t logicalSectorBytes;
  uint32_t physicalSectorBytes;
};
static_assert(offsetof(CreateParams, adapterType) == 4);
static_assert(offsetof(CreateParams, hardwareVersion) == 8);
static_assert(offsetof(CreateParams, capacitySectors) == 16);
static_assert(offsetof(CreateParams, logicalSectorBytes) == 24);
static_assert(offsetof(CreateParams, physicalSectorBytes) == 28);
static_assert(sizeof(CreateParams) == 32);

struct Block {
  uint64_t offsetSectors;
  uint64_t lengthSectors;
};
static_assert(sizeof(Block) == 16);

/// `count` blocks follow the header; the one here only fixes the layout.
struct BlockList {
  uint32_t count;
  Block blocks[1];
};
static_assert(offsetof(BlockList, blocks) == 8);
static_assert(sizeof(BlockList) == 24);

}  // namespace coldframe::abi
