// The one list of VixDiskLib's functions: it declares the table, drives dlsym,
// names what is missing, and checks the lab's stand-in against the same types.
#pragma once

#include "vix_abi.h"

// X(name, return type, parameters...)
#define COLDFRAME_VIX_REQUIRED(X)                                                              \
  X(InitEx, VixError, uint32_t major, uint32_t minor, LogCallback* log, LogCallback* warn,     \
    LogCallback* panic, const char* libDir, const char* configFile)                            \
  X(Exit, void, void)                                                                          \
  X(GetErrorText, char*, VixError error, const char* locale)                                   \
  X(FreeErrorText, void, char* text)                                                           \
  X(FreeConnectParams, void, ConnectParams* params)                                            \
  X(ConnectEx, VixError, const ConnectParams* params, VixBool readOnly, const char* snapshot,  \
    const char* transports, Connection* connection)                                            \
  X(Open, VixError, Connection connection, const char* path, uint32_t flags, Handle* handle)   \
  X(GetTransportMode, const char*, Handle handle)                                              \
  X(Close, VixError, Handle handle)                                                            \
  X(Disconnect, VixError, Connection connection)                                               \
  X(GetInfo, VixError, Handle handle, Info** info)                                             \
  X(FreeInfo, void, Info* info)                                                                \
  X(Read, VixError, Handle handle, uint64_t start, uint64_t count, uint8_t* buffer)            \
  X(Write, VixError, Handle handle, uint64_t start, uint64_t count, const uint8_t* buffer)     \
  X(Create, VixError, Connection connection, const char* path, const CreateParams* params,     \
    ProgressCallback* progress, void* context)                                                 \
  X(Flush, VixError, Handle handle)                                                            \
  X(ReadAsync, VixError, Handle handle, uint64_t start, uint64_t count, uint8_t* buffer,       \
    CompletionCallback* done, void* context)                                                   \
  X(WriteAsync, VixError, Handle handle, uint64_t start, uint64_t count, const uint8_t* buffer,\
    CompletionCallback* done, void* context)                                                   \
  X(Wait, VixError, Handle handle)

// Of these every one has a fallback or a clear "not supported".
#define COLDFRAME_VIX_OPTIONAL(X)                                                              \
  X(AllocateConnectParams, ConnectParams*, void)                                               \
  X(QueryAllocatedBlocks, VixError, Handle handle, uint64_t start, uint64_t count,             \
    uint64_t chunk, BlockList** blocks)                                                        \
  X(FreeBlockList, VixError, BlockList* blocks)                                                \
  X(ListTransportModes, const char*, void)                                                     \
  X(PrepareForAccess, VixError, const ConnectParams* params, const char* identity)             \
  X(EndAccess, VixError, const ConnectParams* params, const char* identity)                    \
  X(Cleanup, VixError, const ConnectParams* params, uint32_t* cleaned, uint32_t* remaining)    \
  X(GetMetadataKeys, VixError, Handle handle, char* keys, size_t length, size_t* required)     \
  X(ReadMetadata, VixError, Handle handle, const char* key, char* value, size_t length,        \
    size_t* required)                                                                          \
  X(WriteMetadata, VixError, Handle handle, const char* key, const char* value)

namespace coldframe {

namespace abi {

/// Every entry of the list as a function type, so that others can be checked.
struct Signatures {
#define COLDFRAME_VIX_TYPE(name, result, ...) using name = result(__VA_ARGS__);
  COLDFRAME_VIX_REQUIRED(COLDFRAME_VIX_TYPE)
  COLDFRAME_VIX_OPTIONAL(COLDFRAME_VIX_TYPE)
#undef COLDFRAME_VIX_TYPE
};

}  // namespace abi

/// The loaded table. Required entries are never null, optional ones may be.
struct VixFunctions {
#define COLDFRAME_VIX_MEMBER(name, ...) abi::Signatures::name* name = nullptr;
  COLDFRAME_VIX_REQUIRED(COLDFRAME_VIX_MEMBER)
  COLDFRAME_VIX_OPTIONAL(COLDFRAME_VIX_MEMBER)
#undef COLDFRAME_VIX_MEMBER
};

}  // namespace coldframe
