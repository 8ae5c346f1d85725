/** What a VM is configured with, as read (ConfigInfo) and as sent (ConfigSpec). */
export const configTypes = `
ArrayUpdateSpec operation:~ArrayUpdateOperation removeKey:anyType?
CryptoSpecEncrypt(CryptoSpec) cryptoKeyId:CryptoKeyId
DeviceGroupId id:string
FaultDomainId id:string
FaultToleranceConfigInfo role:int instanceUuids:string[] configPaths:string[] orphaned:boolean?
HostCpuIdInfo level:int vendor:string? eax:string? ebx:string? ecx:string? edx:string?
KeyAnyValue key:string value:anyType
KeyValue key:string value:string
LatencySensitivity level:~LatencySensitivitySensitivityLevel sensitivity:int?
LocalizableMessage key:string arg:KeyAnyValue[]? message:string?
LocalizedMethodFault fault:MethodFault localizedMessage:string?
ManagedByInfo extensionKey:string type:string
MethodFault faultCause:LocalizedMethodFault? faultMessage:LocalizableMessage[]?
OptionValue key:string value:anyType
ReplicationConfigSpec generation:long vmReplicationId:string destination:string port:int rpo:long quiesceGuestEnabled:boolean paused:boolean oppUpdatesEnabled:boolean netCompressionEnabled:boolean? netEncryptionEnabled:boolean? encryptionDestination:string? encryptionPort:int? remoteCertificateThumbprint:string? disk:ReplicationInfoDiskSettings[]?
ReplicationGroupId faultDomainId:FaultDomainId deviceGroupId:DeviceGroupId
ReplicationInfoDiskSettings key:int diskReplicationId:string
ReplicationSpec replicationGroupId:ReplicationGroupId
ResourceAllocationInfo reservation:long? expandableReservation:boolean? limit:long? shares:SharesInfo? overheadLimit:long?
ScheduledHardwareUpgradeInfo upgradePolicy:string? versionKey:string? scheduledHardwareUpgradeStatus:string? fault:LocalizedMethodFault?
ToolsConfigInfo toolsVersion:int? toolsInstallType:string? afterPowerOn:boolean? afterResume:boolean? beforeGuestStandby:boolean? beforeGuestShutdown:boolean? beforeGuestReboot:boolean? toolsUpgradePolicy:string? pendingCustomization:string? customizationKeyId:CryptoKeyId? syncTimeWithHostAllowed:boolean? syncTimeWithHost:boolean? lastInstallInfo:ToolsConfigInfoToolsLastInstallInfo?
ToolsConfigInfoToolsLastInstallInfo counter:int fault:LocalizedMethodFault?
VAppIPAssignmentInfo supportedAllocationScheme:string[]? ipAllocationPolicy:string? supportedIpProtocol:string[]? ipProtocol:string?
VAppOvfSectionInfo key:int? namespace:string? type:string? atEnvelopeLevel:boolean? contents:string?
VAppOvfSectionSpec(ArrayUpdateSpec) info:VAppOvfSectionInfo?
VAppProductInfo key:int classId:string? instanceId:string? name:string? vendor:string? version:string? fullVersion:string? vendorUrl:string? productUrl:string? appUrl:string?
VAppProductSpec(ArrayUpdateSpec) info:VAppProductInfo?
VAppPropertyInfo key:int classId:string? instanceId:string? id:string? category:string? label:string? type:string? typeReference:string? userConfigurable:boolean? defaultValue:string? value:string? description:string?
VAppPropertySpec(ArrayUpdateSpec) info:VAppPropertyInfo?
VirtualHardware numCPU:int numCoresPerSocket:int? memoryMB:int virtualICH7MPresent:boolean? virtualSMCPresent:boolean? device:VirtualDevice[]?
VirtualMachineAffinityInfo affinitySet:int[]
VirtualMachineBootOptions bootDelay:long? enterBIOSSetup:boolean? efiSecureBootEnabled:boolean? bootRetryEnabled:boolean? bootRetryDelay:long? bootOrder:VirtualMachineBootOptionsBootableDevice[]? networkBootProtocol:string?
VirtualMachineBootOptionsBootableCdromDevice(VirtualMachineBootOptionsBootableDevice)
VirtualMachineBootOptionsBootableDevice
VirtualMachineBootOptionsBootableDiskDevice(VirtualMachineBootOptionsBootableDevice) deviceKey:int
VirtualMachineBootOptionsBootableEthernetDevice(VirtualMachineBootOptionsBootableDevice) deviceKey:int
VirtualMachineConfigInfo changeVersion:string modified:dateTime name:string guestFullName:string version:string uuid:string createDate:dateTime? instanceUuid:string? npivNodeWorldWideName:long[]? npivPortWorldWideName:long[]? npivWorldWideNameType:string? npivDesiredNodeWwns:short? npivDesiredPortWwns:short? npivTemporaryDisabled:boolean? npivOnNonRdmDisks:boolean? locationId:string? template:boolean guestId:string alternateGuestName:string annotation:string? files:VirtualMachineFileInfo tools:ToolsConfigInfo? flags:VirtualMachineFlagInfo consolePreferences:VirtualMachineConsolePreferences? defaultPowerOps:VirtualMachineDefaultPowerOpInfo hardware:VirtualHardware vcpuConfig:VirtualMachineVcpuConfig[]? cpuAllocation:ResourceAllocationInfo? memoryAllocation:ResourceAllocationInfo? latencySensitivity:LatencySensitivity? memoryHotAddEnabled:boolean? cpuHotAddEnabled:boolean? cpuHotRemoveEnabled:boolean? hotPlugMemoryLimit:long? hotPlugMemoryIncrementSize:long? cpuAffinity:VirtualMachineAffinityInfo? memoryAffinity:VirtualMachineAffinityInfo? networkShaper:VirtualMachineNetworkShaperInfo? extraConfig:OptionValue[]? cpuFeatureMask:HostCpuIdInfo[]? datastoreUrl:VirtualMachineConfigInfoDatastoreUrlPair[]? swapPlacement:string? bootOptions:VirtualMachineBootOptions? ftInfo:FaultToleranceConfigInfo? repConfig:ReplicationConfigSpec? vAppConfig:VmConfigInfo? vAssertsEnabled:boolean? changeTrackingEnabled:boolean? firmware:string? maxMksConnections:int? guestAutoLockEnabled:boolean? managedBy:ManagedByInfo? memoryReservationLockedToMax:boolean? initialOverhead:VirtualMachineConfigInfoOverheadInfo? nestedHVEnabled:boolean? vPMCEnabled:boolean? scheduledHardwareUpgradeInfo:ScheduledHardwareUpgradeInfo? forkConfigInfo:VirtualMachineForkConfigInfo? vFlashCacheReservation:long? vmxConfigChecksum:byte[]? messageBusTunnelEnabled:boolean? vmStorageObjectId:string? swapStorageObjectId:string? keyId:CryptoKeyId? guestIntegrityInfo:VirtualMachineGuestIntegrityInfo? migrateEncryption:string? sgxInfo:VirtualMachineSgxInfo? contentLibItemInfo:VirtualMachineContentLibraryItemInfo? ftEncryptionMode:string? guestMonitoringModeInfo:VirtualMachineGuestMonitoringModeInfo? sevEnabled:boolean? pmemFailoverEnabled:boolean? vmxStatsCollectionEnabled:boolean? vmOpNotificationToAppEnabled:boolean? pmem:VirtualMachineVirtualPMem?
VirtualMachineConfigInfoDatastoreUrlPair name:string url:string
VirtualMachineConfigInfoOverheadInfo initialMemoryReservation:long? initialSwapReservation:long?
VirtualMachineConfigSpec changeVersion:string? name:string? version:string? createDate:dateTime? uuid:string? instanceUuid:string? npivNodeWorldWideName:long[]? npivPortWorldWideName:long[]? npivWorldWideNameType:string? npivDesiredNodeWwns:short? npivDesiredPortWwns:short? npivTemporaryDisabled:boolean? npivOnNonRdmDisks:boolean? npivWorldWideNameOp:string? locationId:string? guestId:string? alternateGuestName:string? annotation:string? files:VirtualMachineFileInfo? tools:ToolsConfigInfo? flags:VirtualMachineFlagInfo? consolePreferences:VirtualMachineConsolePreferences? powerOpInfo:VirtualMachineDefaultPowerOpInfo? numCPUs:int? vcpuConfig:VirtualMachineVcpuConfig[]? numCoresPerSocket:int? memoryMB:long? memoryHotAddEnabled:boolean? cpuHotAddEnabled:boolean? cpuHotRemoveEnabled:boolean? virtualICH7MPresent:boolean? virtualSMCPresent:boolean? deviceChange:VirtualDeviceConfigSpec[]? cpuAllocation:ResourceAllocationInfo? memoryAllocation:ResourceAllocationInfo? latencySensitivity:LatencySensitivity? cpuAffinity:VirtualMachineAffinityInfo? memoryAffinity:VirtualMachineAffinityInfo? networkShaper:VirtualMachineNetworkShaperInfo? cpuFeatureMask:VirtualMachineCpuIdInfoSpec[]? extraConfig:OptionValue[]? swapPlacement:string? bootOptions:VirtualMachineBootOptions? vAppConfig:VmConfigSpec? ftInfo:FaultToleranceConfigInfo? repConfig:ReplicationConfigSpec? vAppConfigRemoved:boolean? vAssertsEnabled:boolean? changeTrackingEnabled:boolean? firmware:string? maxMksConnections:int? guestAutoLockEnabled:boolean? managedBy:ManagedByInfo? memoryReservationLockedToMax:boolean? nestedHVEnabled:boolean? vPMCEnabled:boolean? scheduledHardwareUpgradeInfo:ScheduledHardwareUpgradeInfo? vmProfile:VirtualMachineProfileSpec[]? messageBusTunnelEnabled:boolean? crypto:CryptoSpec? migrateEncryption:string? sgxInfo:VirtualMachineSgxInfo? ftEncryptionMode:string? guestMonitoringModeInfo:VirtualMachineGuestMonitoringModeInfo? sevEnabled:boolean? pmemFailoverEnabled:boolean? vmxStatsCollectionEnabled:boolean? vmOpNotificationToAppEnabled:boolean? pmem:VirtualMachineVirtualPMem?
VirtualMachineConsolePreferences powerOnWhenOpened:boolean? enterFullScreenOnPowerOn:boolean? closeOnPowerOffOrSuspend:boolean?
VirtualMachineContentLibraryItemInfo contentLibraryItemUuid:string contentLibraryItemVersion:string?
VirtualMachineCpuIdInfoSpec(ArrayUpdateSpec) info:HostCpuIdInfo?
VirtualMachineDefaultPowerOpInfo powerOffType:string? suspendType:string? resetType:string? defaultPowerOffType:string? defaultSuspendType:string? defaultResetType:string? standbyAction:string?
VirtualMachineDefinedProfileSpec(VirtualMachineProfileSpec) profileId:string replicationSpec:ReplicationSpec? profileData:VirtualMachineProfileRawData? profileParams:KeyValue[]?
VirtualMachineEmptyProfileSpec(VirtualMachineProfileSpec)
VirtualMachineFileInfo vmPathName:string? snapshotDirectory:string? suspendDirectory:string? logDirectory:string? ftMetadataDirectory:string?
VirtualMachineFlagInfo disableAcceleration:boolean? enableLogging:boolean? useToe:boolean? runWithDebugInfo:boolean? monitorType:string? htSharing:string? snapshotDisabled:boolean? snapshotLocked:boolean? diskUuidEnabled:boolean? virtualMmuUsage:string? virtualExecUsage:string? snapshotPowerOffBehavior:string? recordReplayEnabled:boolean? faultToleranceType:string? cbrcCacheEnabled:boolean? vvtdEnabled:boolean? vbsEnabled:boolean?
VirtualMachineForkConfigInfo parentEnabled:boolean? childForkGroupId:string? parentForkGroupId:string? childType:string?
VirtualMachineGuestIntegrityInfo enabled:boolean?
VirtualMachineGuestMonitoringModeInfo gmmFile:string? gmmAppliance:string?
VirtualMachineGuestQuiesceSpec timeout:int?
VirtualMachineNetworkShaperInfo enabled:boolean? peakBps:long? averageBps:long? burstSize:long?
VirtualMachineProfileRawData extensionKey:string objectData:string?
VirtualMachineSgxInfo epcSize:long flcMode:string? lePubKeyHash:string?
VirtualMachineVcpuConfig latencySensitivity:LatencySensitivity?
VirtualMachineVirtualPMem snapshotMode:string?
VirtualMachineWindowsQuiesceSpec(VirtualMachineGuestQuiesceSpec) vssBackupType:int? vssBootableSystemState:boolean? vssPartialFileSupport:boolean? vssBackupContext:string?
VmConfigInfo product:VAppProductInfo[]? property:VAppPropertyInfo[]? ipAssignment:VAppIPAssignmentInfo eula:string[]? ovfSection:VAppOvfSectionInfo[]? ovfEnvironmentTransport:string[]? installBootRequired:boolean installBootStopDelay:int
VmConfigSpec product:VAppProductSpec[]? property:VAppPropertySpec[]? ipAssignment:VAppIPAssignmentInfo? eula:string[]? ovfSection:VAppOvfSectionSpec[]? ovfEnvironmentTransport:string[]? installBootRequired:boolean? installBootStopDelay:int?
`;
