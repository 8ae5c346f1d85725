/** The rest of what a VM shows: runtime, guest, summary, files, snapshots, storage. */
export const vmTypes = `
ChoiceOption(OptionType) choiceInfo:ElementDescription[] defaultIndex:int?
CustomFieldDef key:int name:string type:string managedObjectType:string? fieldDefPrivileges:PrivilegePolicyDef? fieldInstancePrivileges:PrivilegePolicyDef?
CustomFieldStringValue(CustomFieldValue) value:string
CustomFieldValue key:int
DiskChangeExtent start:long length:long
DiskChangeInfo startOffset:long length:long changedArea:DiskChangeExtent[]?
ElementDescription(Description) key:string
GuestDiskInfo diskPath:string? capacity:long? freeSpace:long? filesystemType:string? mappings:GuestInfoVirtualDiskMapping[]?
GuestInfo toolsStatus:~VirtualMachineToolsStatus? toolsVersionStatus:string? toolsVersionStatus2:string? toolsRunningStatus:string? toolsVersion:string? toolsInstallType:string? guestId:string? guestFamily:string? guestFullName:string? hostName:string? ipAddress:string? net:GuestNicInfo[]? ipStack:GuestStackInfo[]? disk:GuestDiskInfo[]? screen:GuestScreenInfo? guestState:string appHeartbeatStatus:string? guestKernelCrashed:boolean? appState:string? guestOperationsReady:boolean? interactiveGuestOperationsReady:boolean? guestStateChangeSupported:boolean? generationInfo:GuestInfoNamespaceGenerationInfo[]? hwVersion:string? customizationInfo:GuestInfoCustomizationInfo?
GuestInfoCustomizationInfo customizationStatus:string startTime:dateTime? endTime:dateTime? errorMsg:string?
GuestInfoNamespaceGenerationInfo key:string generationNo:int
GuestInfoVirtualDiskMapping key:int
GuestNicInfo network:string? ipAddress:string[]? macAddress:string? connected:boolean deviceConfigId:int dnsConfig:NetDnsConfigInfo? ipConfig:NetIpConfigInfo? netBIOSConfig:NetBIOSConfigInfo?
GuestScreenInfo width:int height:int
GuestStackInfo dnsConfig:NetDnsConfigInfo? ipRouteConfig:NetIpRouteConfigInfo? ipStackConfig:KeyValue[]? dhcpConfig:NetDhcpConfigInfo?
HostFeatureMask key:string featureName:string value:string
NetBIOSConfigInfo mode:string
NetDhcpConfigInfo ipv6:NetDhcpConfigInfoDhcpOptions? ipv4:NetDhcpConfigInfoDhcpOptions?
NetDhcpConfigInfoDhcpOptions enable:boolean config:KeyValue[]?
NetDnsConfigInfo dhcp:boolean hostName:string domainName:string ipAddress:string[]? searchDomain:string[]?
NetIpConfigInfo ipAddress:NetIpConfigInfoIpAddress[]? dhcp:NetDhcpConfigInfo? autoConfigurationEnabled:boolean?
NetIpConfigInfoIpAddress ipAddress:string prefixLength:int origin:string? state:string? lifetime:dateTime?
NetIpRouteConfigInfo ipRoute:NetIpRouteConfigInfoIpRoute[]?
NetIpRouteConfigInfoGateway ipAddress:string? device:string?
NetIpRouteConfigInfoIpRoute network:string prefixLength:int gateway:NetIpRouteConfigInfoGateway
OptionType valueIsReadonly:boolean?
PrivilegePolicyDef createPrivilege:string readPrivilege:string updatePrivilege:string deletePrivilege:string
ResourceConfigSpec entity:ManagedObjectReference? changeVersion:string? lastModified:dateTime? cpuAllocation:ResourceAllocationInfo memoryAllocation:ResourceAllocationInfo scaleDescendantsShares:string?
Tag key:string
VirtualMachineCapability snapshotOperationsSupported:boolean multipleSnapshotsSupported:boolean snapshotConfigSupported:boolean poweredOffSnapshotsSupported:boolean memorySnapshotsSupported:boolean revertToSnapshotSupported:boolean quiescedSnapshotsSupported:boolean disableSnapshotsSupported:boolean lockSnapshotsSupported:boolean consolePreferencesSupported:boolean cpuFeatureMaskSupported:boolean s1AcpiManagementSupported:boolean settingScreenResolutionSupported:boolean toolsAutoUpdateSupported:boolean vmNpivWwnSupported:boolean npivWwnOnNonRdmVmSupported:boolean vmNpivWwnDisableSupported:boolean vmNpivWwnUpdateSupported:boolean swapPlacementSupported:boolean toolsSyncTimeSupported:boolean virtualMmuUsageSupported:boolean diskSharesSupported:boolean bootOptionsSupported:boolean bootRetryOptionsSupported:boolean settingVideoRamSizeSupported:boolean settingDisplayTopologySupported:boolean recordReplaySupported:boolean changeTrackingSupported:boolean multipleCoresPerSocketSupported:boolean hostBasedReplicationSupported:boolean guestAutoLockSupported:boolean memoryReservationLockSupported:boolean featureRequirementSupported:boolean poweredOnMonitorTypeChangeSupported:boolean seSparseDiskSupported:boolean nestedHVSupported:boolean vPMCSupported:boolean secureBootSupported:boolean? perVmEvcSupported:boolean? virtualMmuUsageIgnored:boolean? virtualExecUsageIgnored:boolean? diskOnlySnapshotOnSuspendedVMSupported:boolean? suspendToMemorySupported:boolean? toolsSyncTimeAllowSupported:boolean? sevSupported:boolean? pmemFailoverSupported:boolean?
VirtualMachineConfigSummary name:string template:boolean vmPathName:string memorySizeMB:int? cpuReservation:int? memoryReservation:int? numCpu:int? numEthernetCards:int? numVirtualDisks:int? uuid:string? instanceUuid:string? guestId:string? guestFullName:string? annotation:string? product:VAppProductInfo? installBootRequired:boolean? ftInfo:FaultToleranceConfigInfo? managedBy:ManagedByInfo? tpmPresent:boolean? numVmiopBackings:int? hwVersion:string?
VirtualMachineDeviceRuntimeInfo runtimeState:VirtualMachineDeviceRuntimeInfoDeviceRuntimeState key:int
VirtualMachineDeviceRuntimeInfoDeviceRuntimeState
VirtualMachineFeatureRequirement key:string featureName:string value:string
VirtualMachineFileLayout configFile:string[]? logFile:string[]? disk:VirtualMachineFileLayoutDiskLayout[]? snapshot:VirtualMachineFileLayoutSnapshotLayout[]? swapFile:string?
VirtualMachineFileLayoutDiskLayout key:int diskFile:string[]
VirtualMachineFileLayoutEx file:VirtualMachineFileLayoutExFileInfo[]? disk:VirtualMachineFileLayoutExDiskLayout[]? snapshot:VirtualMachineFileLayoutExSnapshotLayout[]? timestamp:dateTime
VirtualMachineFileLayoutExDiskLayout key:int chain:VirtualMachineFileLayoutExDiskUnit[]?
VirtualMachineFileLayoutExDiskUnit fileKey:int[]
VirtualMachineFileLayoutExFileInfo key:int name:string type:string size:long uniqueSize:long? backingObjectId:string? accessible:boolean?
VirtualMachineFileLayoutExSnapshotLayout key:ManagedObjectReference dataKey:int memoryKey:int disk:VirtualMachineFileLayoutExDiskLayout[]?
VirtualMachineFileLayoutSnapshotLayout key:ManagedObjectReference snapshotFile:string[]
VirtualMachineGuestSummary guestId:string? guestFullName:string? toolsStatus:~VirtualMachineToolsStatus? toolsVersionStatus:string? toolsVersionStatus2:string? toolsRunningStatus:string? hostName:string? ipAddress:string? hwVersion:string?
VirtualMachineMessage id:string argument:anyType[]? text:string?
VirtualMachineQuestionInfo id:string text:string choice:ChoiceOption message:VirtualMachineMessage[]?
VirtualMachineQuickStats overallCpuUsage:int? overallCpuDemand:int? overallCpuReadiness:int? guestMemoryUsage:int? hostMemoryUsage:int? guestHeartbeatStatus:~ManagedEntityStatus distributedCpuEntitlement:int? distributedMemoryEntitlement:int? staticCpuEntitlement:int? staticMemoryEntitlement:int? grantedMemory:int? privateMemory:int? sharedMemory:int? swappedMemory:int? balloonedMemory:int? consumedOverheadMemory:int? ftLogBandwidth:int? ftSecondaryLatency:int? ftLatencyStatus:~ManagedEntityStatus? compressedMemory:long? uptimeSeconds:int? ssdSwappedMemory:long? activeMemory:int? memoryTierStats:VirtualMachineQuickStatsMemoryTierStats[]?
VirtualMachineQuickStatsMemoryTierStats memoryTierType:string readBandwidth:long
VirtualMachineRuntimeInfo device:VirtualMachineDeviceRuntimeInfo[]? host:ManagedObjectReference? connectionState:~VirtualMachineConnectionState powerState:~VirtualMachinePowerState vmFailoverInProgress:boolean? faultToleranceState:~VirtualMachineFaultToleranceState dasVmProtection:VirtualMachineRuntimeInfoDasProtectionState? toolsInstallerMounted:boolean suspendTime:dateTime? bootTime:dateTime? suspendInterval:long? question:VirtualMachineQuestionInfo? memoryOverhead:long? maxCpuUsage:int? maxMemoryUsage:int? numMksConnections:int recordReplayState:~VirtualMachineRecordReplayState cleanPowerOff:boolean? needSecondaryReason:string? onlineStandby:boolean minRequiredEVCModeKey:string? consolidationNeeded:boolean offlineFeatureRequirement:VirtualMachineFeatureRequirement[]? featureRequirement:VirtualMachineFeatureRequirement[]? featureMask:HostFeatureMask[]? vFlashCacheAllocation:long? paused:boolean? snapshotInBackground:boolean? quiescedForkParent:boolean? instantCloneFrozen:boolean? cryptoState:string? suspendedToMemory:boolean?
VirtualMachineRuntimeInfoDasProtectionState dasProtected:boolean
VirtualMachineSnapshotInfo currentSnapshot:ManagedObjectReference? rootSnapshotList:VirtualMachineSnapshotTree[]
VirtualMachineSnapshotTree snapshot:ManagedObjectReference vm:ManagedObjectReference name:string description:string id:int createTime:dateTime state:~VirtualMachinePowerState quiesced:boolean backupManifest:string? childSnapshotList:VirtualMachineSnapshotTree[]? replaySupported:boolean?
VirtualMachineStorageInfo perDatastoreUsage:VirtualMachineUsageOnDatastore[]? timestamp:dateTime
VirtualMachineStorageSummary committed:long uncommitted:long unshared:long timestamp:dateTime
VirtualMachineSummary vm:ManagedObjectReference? runtime:VirtualMachineRuntimeInfo guest:VirtualMachineGuestSummary? config:VirtualMachineConfigSummary storage:VirtualMachineStorageSummary? quickStats:VirtualMachineQuickStats overallStatus:~ManagedEntityStatus customValue:CustomFieldValue[]?
VirtualMachineUsageOnDatastore datastore:ManagedObjectReference committed:long uncommitted:long unshared:long
`;
