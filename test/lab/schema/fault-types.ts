/** Faults that calls and vim tasks end with. */
export const faultTypes = `
AlreadyBeingManaged(HostConnectFault) ipAddress:string
AlreadyExists(VimFault) name:string?
ApplicationQuiesceFault(SnapshotFault)
CannotAccessFile(FileFault)
ConcurrentAccess(VimFault)
DeviceNotFound(InvalidDeviceSpec)
DeviceNotSupported(VirtualHardwareCompatibilityIssue) device:string reason:string?
DeviceUnsupportedForVmPlatform(InvalidDeviceSpec)
DuplicateName(VimFault) name:string object:ManagedObjectReference
FileAlreadyExists(FileFault)
FileFault(VimFault) file:string
FileLocked(FileFault)
FileNotFound(FileFault)
FilesystemQuiesceFault(SnapshotFault)
GenericVmConfigFault(VmConfigFault) reason:string
HostCommunication(RuntimeFault)
HostConnectFault(VimFault)
HostNotConnected(HostCommunication)
InsufficientResourcesFault(VimFault)
InvalidArgument(RuntimeFault) invalidProperty:string?
InvalidCollectorVersion(MethodFault)
InvalidController(InvalidDeviceSpec) controllerKey:int
InvalidDatastore(VimFault) datastore:ManagedObjectReference? name:string?
InvalidDatastorePath(InvalidDatastore) datastorePath:string
InvalidDeviceBacking(InvalidDeviceSpec)
InvalidDeviceOperation(InvalidDeviceSpec) badOp:~VirtualDeviceConfigSpecOperation? badFileOp:~VirtualDeviceConfigSpecFileOperation?
InvalidDeviceSpec(InvalidVmConfig) deviceIndex:int
InvalidFormat(VmConfigFault)
InvalidLogin(VimFault)
InvalidName(VimFault) name:string entity:ManagedObjectReference?
InvalidOperationOnSecondaryVm(VmFaultToleranceIssue) instanceUuid:string
InvalidPowerState(InvalidState) requestedState:~VirtualMachinePowerState? existingState:~VirtualMachinePowerState
InvalidProperty(MethodFault) name:string
InvalidRequest(RuntimeFault)
InvalidSnapshotFormat(InvalidFormat)
InvalidState(VimFault)
InvalidType(InvalidRequest) argument:string?
InvalidVmConfig(VmConfigFault) property:string?
LicenseRestricted(NotEnoughLicenses)
ManagedObjectNotFound(RuntimeFault) obj:ManagedObjectReference
MemorySnapshotOnIndependentDisk(SnapshotFault)
MethodDisabled(RuntimeFault) source:string?
MethodNotFound(InvalidRequest) receiver:ManagedObjectReference method:string
MultipleSnapshotsNotSupported(SnapshotFault)
NoDiskFound(VimFault)
NoDiskSpace(FileFault) datastore:string
NoPermission(SecurityError) object:ManagedObjectReference? privilegeId:string? missingPrivileges:NoPermissionEntityPrivileges[]?
NoPermissionEntityPrivileges entity:ManagedObjectReference privilegeIds:string[]?
NotAuthenticated(NoPermission)
NotEnoughLicenses(RuntimeFault)
NotFound(VimFault)
NotImplemented(RuntimeFault)
NotSupported(RuntimeFault)
QuestionPending(InvalidState) text:string
RDMNotSupported(DeviceNotSupported)
RequestCanceled(RuntimeFault)
ResourceInUse(VimFault) type:string? name:string?
RestrictedVersion(SecurityError)
RuntimeFault(MethodFault)
SSLVerifyFault(HostConnectFault) selfSigned:boolean thumbprint:string?
SecurityError(RuntimeFault)
SnapshotDisabled(SnapshotFault)
SnapshotFault(VimFault)
SnapshotLocked(SnapshotFault)
SnapshotNoChange(SnapshotFault)
SystemError(RuntimeFault) reason:string
TaskInProgress(VimFault) task:ManagedObjectReference
Timedout(VimFault)
TooManySnapshotLevels(SnapshotFault)
ToolsUnavailable(VimFault)
UnexpectedFault(RuntimeFault) faultName:string fault:LocalizedMethodFault?
VimFault(MethodFault)
VirtualDiskModeNotSupported(DeviceNotSupported) mode:string
VirtualHardwareCompatibilityIssue(VmConfigFault)
VmConfigFault(VimFault)
VmFaultToleranceIssue(VimFault)
`;
