// Exports: managing disk files. Like in life these work on local disks only;
// on a server the vSphere API is the way.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "../core/disk.h"
#include "../core/file_descriptor.h"
#include "exports.h"
#include "lab_codes.h"
#include "lab_connection.h"
#include "lab_library.h"

namespace coldframe::abi {

using namespace coldframe::lab;

namespace {

bool isLocal(Connection connection) {
  return connection != nullptr && !reinterpret_cast<LabConnection*>(connection)->remote;
}

uint64_t codeOfErrno(int number) {
  if (number == ENOENT) return kFileNotFound;
  if (number == EEXIST) return kAlreadyExists;
  return number == ENOSPC ? kDiskFull : kFileError;
}

void finish(ProgressCallback* progress, void* context) {
  if (progress != nullptr) progress(context, 100);
}

}  // namespace

VixError VixDiskLib_Create(Connection connection, const char* path, const CreateParams* params, ProgressCallback* progress,
                           void* context) {
  const Call call(Function::kCreate);
  const ControlCall control(Function::kCreate);
  if (call.error() != kOk) return call.error();
  if (!isLocal(connection)) return kNotSupported;
  if (path == nullptr || params == nullptr || params->capacitySectors == 0) return kInvalidArgument;
  const FileDescriptor file(::open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!file || ::ftruncate(file.get(), static_cast<off_t>(params->capacitySectors * kSectorBytes)) != 0) {
    return codeOfErrno(errno);
  }
  finish(progress, context);
  return kOk;
}

VixError VixDiskLib_Unlink(Connection connection, const char* path) {
  if (!isLocal(connection)) return kNotSupported;
  if (path == nullptr) return kInvalidArgument;
  return ::unlink(path) == 0 ? kOk : codeOfErrno(errno);
}

VixError VixDiskLib_Rename(const char* from, const char* to) {
  if (from == nullptr || to == nullptr) return kInvalidArgument;
  return ::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 ? kOk : codeOfErrno(errno);
}

VixError VixDiskLib_Grow(Connection connection, const char* path, uint64_t capacity, VixBool, ProgressCallback* progress,
                         void* context) {
  if (!isLocal(connection)) return kNotSupported;
  if (path == nullptr) return kInvalidArgument;
  const FileDescriptor file(::open(path, O_RDWR | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) return codeOfErrno(errno);
  if (capacity * kSectorBytes < static_cast<uint64_t>(status.st_size)) return kInvalidArgument;
  if (::ftruncate(file.get(), static_cast<off_t>(capacity * kSectorBytes)) != 0) return codeOfErrno(errno);
  finish(progress, context);
  return kOk;
}

VixError VixDiskLib_Clone(Connection to, const char* toPath, Connection from, const char* fromPath, const CreateParams*,
                          ProgressCallback* progress, void* context, VixBool overwrite) {
  if (!isLocal(to) || !isLocal(from)) return kNotSupported;
  if (toPath == nullptr || fromPath == nullptr) return kInvalidArgument;
  const auto mode = overwrite != 0 ? std::filesystem::copy_options::overwrite_existing : std::filesystem::copy_options::none;
  std::error_code failure;
  std::filesystem::copy_file(fromPath, toPath, mode, failure);
  if (failure) return codeOfErrno(failure.value());
  finish(progress, context);
  return kOk;
}

VixError VixDiskLib_SpaceNeededForClone(Handle handle, int, uint64_t* bytes) {
  const LabDisk* disk = diskOf(handle);
  if (disk == nullptr) return kInvalidHandle;
  if (bytes == nullptr) return kInvalidArgument;
  *bytes = disk->facts.capacitySectors * kSectorBytes;
  return kOk;
}

}  // namespace coldframe::abi
