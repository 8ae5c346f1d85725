// Declares the stand-in's exported functions from the core's list, so that a
// definition that differs from the list does not compile.
#pragma once

#include "../core/vix_functions.h"

#define COLDFRAME_LAB_EXPORT extern "C" __attribute__((visibility("default")))

namespace coldframe::abi {

#define COLDFRAME_LAB_DECLARE(name, result, ...) \
  COLDFRAME_LAB_EXPORT result VixDiskLib_##name(__VA_ARGS__);
COLDFRAME_VIX_REQUIRED(COLDFRAME_LAB_DECLARE)
COLDFRAME_VIX_OPTIONAL(COLDFRAME_LAB_DECLARE)
#undef COLDFRAME_LAB_DECLARE

// Exported for completeness: coldframe itself does not call these.
COLDFRAME_LAB_EXPORT VixError VixDiskLib_Init(uint32_t major, uint32_t minor, LogCallback* log, LogCallback* warn,
                                              LogCallback* panic, const char* libDir);
COLDFRAME_LAB_EXPORT VixError VixDiskLib_Connect(const ConnectParams* params, Connection* connection);
COLDFRAME_LAB_EXPORT VixError VixDiskLib_GetConnectParams(Connection connection, ConnectParams** params);
COLDFRAME_LAB_EXPORT VixError VixDiskLib_Unlink(Connection connection, const char* path);
COLDFRAME_LAB_EXPORT VixError VixDiskLib_Rename(const char* from, const char* to);
COLDFRAME_LAB_EXPORT VixError VixDiskLib_Grow(Connection connection, const char* path, uint64_t capacity,
                                              VixBool updateGeometry, ProgressCallback* progress, void* context);
COLDFRAME_LAB_EXPORT VixError VixDiskLib_Clone(Connection to, const char* toPath, Connection from, const char* fromPath,
                                               const CreateParams* params, ProgressCallback* progress, void* context,
                                               VixBool overwrite);
COLDFRAME_LAB_EXPORT VixError VixDiskLib_SpaceNeededForClone(Handle handle, int diskType, uint64_t* bytes);

}  // namespace coldframe::abi
