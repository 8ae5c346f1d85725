// VixDiskLib's error codes: number, symbolic name, our judgement on whether a
// retry can help, and our own words for people (the library's text may not be
// asked for inside a completion).
#pragma once

// X(code, NAME, retry, text)
#define COLDFRAME_VIX_ERRORS(X)                                                                      \
  X(1, VIX_E_FAIL, kReconnect, "The operation failed; check the server's name, thumbprint and login") \
  X(2, VIX_E_OUT_OF_MEMORY, kAgain, "Memory ran out, often the ESXi host's NFC buffers")              \
  X(3, VIX_E_INVALID_ARG, kNo, "A parameter was invalid")                                             \
  X(4, VIX_E_FILE_NOT_FOUND, kNo, "The disk was not found; it may have moved")                        \
  X(5, VIX_E_OBJECT_IS_BUSY, kAgain, "The object is busy")                                            \
  X(6, VIX_E_NOT_SUPPORTED, kNo, "The operation is not supported")                                    \
  X(7, VIX_E_FILE_ERROR, kAgain, "The host had an error on the file")                                 \
  X(8, VIX_E_DISK_FULL, kNo, "The datastore or the temporary folder is full")                         \
  X(9, VIX_E_INCORRECT_FILE_TYPE, kNo, "The file is of the wrong type")                               \
  X(10, VIX_E_CANCELLED, kNo, "The operation was cancelled")                                          \
  X(11, VIX_E_FILE_READ_ONLY, kNo, "The file can only be read")                                       \
  X(12, VIX_E_FILE_ALREADY_EXISTS, kNo, "The file exists already")                                    \
  X(13, VIX_E_FILE_ACCESS_ERROR, kNextTransport, "The disk could not be accessed this way")           \
  X(14, VIX_E_REQUIRES_LARGE_FILES, kNo, "The file system lacks large files")                         \
  X(15, VIX_E_FILE_ALREADY_LOCKED, kAgain, "Another program holds the disk")                          \
  X(16, VIX_E_VMDB, kReconnect, "The host's VM database failed")                                      \
  X(20, VIX_E_NOT_SUPPORTED_ON_REMOTE_OBJECT, kNo, "Not supported on a remote object")                \
  X(21, VIX_E_FILE_TOO_BIG, kNo, "The file is too big")                                               \
  X(22, VIX_E_FILE_NAME_INVALID, kNo, "The file name is invalid")                                     \
  X(23, VIX_E_ALREADY_EXISTS, kNo, "It exists already")                                               \
  X(24, VIX_E_BUFFER_TOOSMALL, kNo, "The buffer is too small")                                        \
  X(25, VIX_E_OBJECT_NOT_FOUND, kNo, "The VM or snapshot is gone")                                    \
  X(26, VIX_E_HOST_NOT_CONNECTED, kReconnect, "The host is not connected")                            \
  X(27, VIX_E_INVALID_UTF8_STRING, kNo, "A name is not valid UTF-8")                                  \
  X(29, VIX_E_UNFINISHED_JOB, kNo, "The job is unfinished")                                           \
  X(30, VIX_E_NEED_KEY, kNo, "The VM is encrypted and the key is not available")                      \
  X(31, VIX_E_OPERATION_ALREADY_IN_PROGRESS, kAgain, "The same operation is already running")         \
  X(32, VIX_E_LICENSE, kNo, "Licence refused, or the privilege Global.DisableMethods is missing")     \
  X(34, VIX_E_VM_HOST_DISCONNECTED, kReconnect, "The VM's host is disconnected")                      \
  X(35, VIX_E_AUTHENTICATION_FAIL, kNo, "The login was refused; check user and password")             \
  X(36, VIX_E_HOST_CONNECTION_LOST, kReconnect, "The connection to the host was lost")                \
  X(41, VIX_E_DUPLICATE_NAME, kNo, "The name is taken")                                               \
  X(44, VIX_E_ARGUMENT_TOO_BIG, kNo, "A parameter is too big")                                        \
  X(1000, VIX_E_INVALID_HANDLE, kNo, "The handle is invalid")                                         \
  X(1001, VIX_E_NOT_SUPPORTED_ON_HANDLE_TYPE, kNo, "Not supported on this kind of handle")            \
  X(1002, VIX_E_TOO_MANY_HANDLES, kNo, "Too many handles are open")                                   \
  X(3007, VIX_E_VM_IS_RUNNING, kNo, "The VM is running")                                              \
  X(3014, VIX_E_HOST_USER_PERMISSIONS, kNo, "The user lacks a privilege on the host")                 \
  X(4000, VIX_E_VM_NOT_FOUND, kNo, "The VM was not found")                                            \
  X(13003, VIX_E_SNAPSHOT_NOTFOUND, kNo, "The snapshot was not found")                                \
  X(13010, VIX_E_SNAPSHOT_LOCKED, kAgain, "The snapshot is locked")                                   \
  X(13014, VIX_E_SNAPSHOT_DISKLOCKED, kAgain, "A disk of the snapshot is locked")                     \
  X(13016, VIX_E_SNAPSHOT_INDEPENDENTDISK, kNo, "Independent disks are not in snapshots")             \
  X(14003, VIX_E_DISK_INVAL, kNo, "A disk value is invalid")                                          \
  X(14004, VIX_E_DISK_SECTORSIZE, kNo, "The disk's sector size does not fit")                         \
  X(14005, VIX_E_DISK_EOF, kNo, "The request lies past the end of the disk")                          \
  X(14006, VIX_E_NETBLKDEV_HANDSHAKE, kReconnect, "The NFC handshake failed; too many streams or TLS") \
  X(14007, VIX_E_SOCKET_CREATION_ERROR, kReconnect, "A socket could not be made")                     \
  X(14008, VIX_E_SERVER_NOT_FOUND, kReconnect, "The ESXi host's name could not be resolved")          \
  X(14009, VIX_E_NETWORK_CONN_REFUSED, kReconnect, "TCP port 902 of the ESXi host is blocked")        \
  X(14010, VIX_E_TCP_SOCKET_ERROR, kReconnect, "The TCP connection failed")                           \
  X(14011, VIX_E_TCP_CONN_LOST, kReconnect, "The TCP connection was lost")                            \
  X(14012, VIX_E_NBD_HASHFILE_VOLUME, kNo, "The NBD hash file's volume failed")                       \
  X(14013, VIX_E_NBD_HASHFILE_INIT, kNo, "The NBD hash file failed")                                  \
  X(14014, VIX_E_SERVER_SHUTDOWN, kReconnect, "The ESXi host is entering maintenance")                \
  X(14015, VIX_E_SERVER_NOT_AVAILABLE, kReconnect, "The ESXi host is in maintenance")                 \
  X(16000, VIX_E_DISK_INVALID_DISK, kNo, "The disk is invalid")                                       \
  X(16001, VIX_E_DISK_NOINIT, kNo, "The disk library is not initialised")                             \
  X(16002, VIX_E_DISK_NOIO, kNo, "The disk takes no requests")                                        \
  X(16003, VIX_E_DISK_PARTIALCHAIN, kNo, "The disk's chain is not whole")                             \
  X(16006, VIX_E_DISK_NEEDSREPAIR, kNo, "The disk needs repair")                                      \
  X(16007, VIX_E_DISK_OUTOFRANGE, kNo, "The request lies past the end of the disk")                   \
  X(16008, VIX_E_DISK_CID_MISMATCH, kNo, "Parent and child disk do not belong together")              \
  X(16009, VIX_E_DISK_CANTSHRINK, kNo, "The disk can't shrink")                                       \
  X(16010, VIX_E_DISK_PARTMISMATCH, kNo, "The partition table does not match")                        \
  X(16011, VIX_E_DISK_UNSUPPORTEDDISKVERSION, kNo, "The disk's version is not supported")             \
  X(16012, VIX_E_DISK_OPENPARENT, kNo, "The disk's parent could not be opened")                       \
  X(16013, VIX_E_DISK_NOTSUPPORTED, kNo, "The disk does not support this")                            \
  X(16014, VIX_E_DISK_NEEDKEY, kNo, "The disk is encrypted and the key is not available")             \
  X(16018, VIX_E_DISK_INVALIDPARTITIONTABLE, kNo, "The partition table is invalid")                   \
  X(16019, VIX_E_DISK_NOTNORMAL, kNo, "The disk is not a normal one")                                 \
  X(16022, VIX_E_DISK_NEEDVMFS, kNo, "The disk needs a VMFS datastore")                               \
  X(16024, VIX_E_DISK_RAWTOOBIG, kNo, "The raw disk is too big")                                      \
  X(16027, VIX_E_DISK_TOOMANYOPENFILES, kAgain, "Too many disks are open")                            \
  X(16028, VIX_E_DISK_TOOMANYREDO, kNo, "The disk has too many redo logs")                            \
  X(16029, VIX_E_DISK_RAWTOOSMALL, kNo, "The raw disk is too small")                                  \
  X(16030, VIX_E_DISK_INVALIDCHAIN, kNo, "The disk's chain is invalid")                               \
  X(16052, VIX_E_DISK_KEY_NOTFOUND, kNo, "The metadata key was not found")                            \
  X(16053, VIX_E_DISK_SUBSYSTEM_INIT_FAIL, kNo, "A part of the library could not start")              \
  X(16054, VIX_E_DISK_INVALID_CONNECTION, kReconnect, "The connection is invalid")                    \
  X(16061, VIX_E_DISK_ENCODING, kNo, "The disk's encoding is not supported")                          \
  X(16062, VIX_E_DISK_CANTREPAIR, kNo, "The disk can't be repaired")                                  \
  X(16063, VIX_E_DISK_INVALIDDISK, kNo, "The disk is invalid")                                        \
  X(16064, VIX_E_DISK_NOLICENSE, kNo, "The disk's licence does not allow this")                       \
  X(16065, VIX_E_DISK_NODEVICE, kNo, "The device is not there")                                       \
  X(16066, VIX_E_DISK_UNSUPPORTEDDEVICE, kNo, "The device is not supported")                          \
  X(16067, VIX_E_DISK_CAPACITY_MISMATCH, kNo, "The capacities differ")                                \
  X(16068, VIX_E_DISK_PARENT_NOTALLOWED, kNo, "A parent disk is not allowed here")                    \
  X(16069, VIX_E_DISK_ATTACH_ROOTLINK, kNo, "A root link can't be attached")                          \
  X(18000, VIX_E_CANNOT_CONNECT_TO_HOST, kReconnect, "The host could not be reached")                 \
  X(18001, VIX_E_NOT_FOR_REMOTE_HOST, kNo, "Not possible on a remote host")                           \
  X(18002, VIX_E_INVALID_HOSTNAME_SPECIFICATION, kNo, "The host name is not a valid one")             \
  X(26000, VIX_E_ASYNC_MIXEDMODE_UNSUPPORTED, kNo, "Synchronous and asynchronous requests were mixed") \
  X(30006, VIX_E_HTTP_COULDNT_RESOLVE_HOST, kReconnect, "The server's name could not be resolved")    \
  X(30007, VIX_E_HTTP_COULDNT_CONNECT, kReconnect, "The server refused the connection")               \
  X(30028, VIX_E_HTTP_OPERATION_TIMEDOUT, kReconnect, "The server did not answer in time")            \
  X(30035, VIX_E_HTTP_SSL_CONNECT_ERROR, kNo, "TLS with the server failed")
