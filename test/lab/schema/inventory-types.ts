/** Hosts, clusters, datastores, networks and permissions. */
export const inventoryTypes = `
AboutInfo name:string fullName:string vendor:string version:string patchLevel:string? build:string localeVersion:string? localeBuild:string? osType:string productLineId:string apiType:string apiVersion:string instanceUuid:string? licenseProductName:string? licenseProductVersion:string?
ClusterComputeResourceSummary(ComputeResourceSummary) currentFailoverLevel:int admissionControlInfo:ClusterDasAdmissionControlInfo? numVmotions:int targetBalance:int? currentBalance:int? drsScore:int? numVmsPerDrsScoreBucket:int[]? usageSummary:ClusterUsageSummary? currentEVCModeKey:string? currentEVCGraphicsModeKey:string? dasData:ClusterDasData? clusterMaintenanceModeStatus:string? vcsHealthStatus:string? vcsSlots:ClusterComputeResourceVcsSlots[]?
ClusterComputeResourceVcsSlots systemId:string? host:ManagedObjectReference datastore:ManagedObjectReference[]? totalSlots:int
ClusterDasAdmissionControlInfo
ClusterDasData
ClusterDasFdmHostState state:string stateReporter:ManagedObjectReference?
ClusterUsageSummary totalCpuCapacityMhz:int totalMemCapacityMB:int cpuReservationMhz:int memReservationMB:int poweredOffCpuReservationMhz:int? poweredOffMemReservationMB:int? cpuDemandMhz:int memDemandMB:int statsGenNumber:long cpuEntitledMhz:int memEntitledMB:int poweredOffVmCount:int totalVmCount:int
ComputeResourceSummary totalCpu:int totalMemory:long numCpuCores:short numCpuThreads:short effectiveCpu:int effectiveMemory:long numHosts:int numEffectiveHosts:int overallStatus:~ManagedEntityStatus
DatastoreCapability directoryHierarchySupported:boolean rawDiskMappingsSupported:boolean perFileThinProvisioningSupported:boolean storageIORMSupported:boolean nativeSnapshotSupported:boolean topLevelDirectoryCreateSupported:boolean? seSparseSupported:boolean? vmfsSparseSupported:boolean? vsanSparseSupported:boolean? upitSupported:boolean? vmdkExpandSupported:boolean? clusteredVmdkSupported:boolean?
DatastoreHostMount key:ManagedObjectReference mountInfo:HostMountInfo
DatastoreInfo name:string url:string freeSpace:long maxFileSize:long maxVirtualDiskCapacity:long? maxMemoryFileSize:long timestamp:dateTime? containerId:string? aliasOf:string?
DatastoreSummary datastore:ManagedObjectReference? name:string url:string capacity:long freeSpace:long uncommitted:long? accessible:boolean multipleHostAccess:boolean? type:string maintenanceMode:string?
HealthSystemRuntime systemHealthInfo:HostSystemHealthInfo? hardwareStatusInfo:HostHardwareStatusInfo?
HostConfigSummary name:string port:int sslThumbprint:string? product:AboutInfo? vmotionEnabled:boolean faultToleranceEnabled:boolean featureVersion:HostFeatureVersionInfo[]? agentVmDatastore:ManagedObjectReference? agentVmNetwork:ManagedObjectReference?
HostDigestInfo digestMethod:string digestValue:base64Binary objectName:string?
HostFeatureVersionInfo key:string value:string
HostFileSystemVolume type:string name:string capacity:long
HostForceMountedInfo persist:boolean mounted:boolean
HostHardwareElementInfo name:string status:ElementDescription
HostHardwareStatusInfo memoryStatusInfo:HostHardwareElementInfo[]? cpuStatusInfo:HostHardwareElementInfo[]? storageStatusInfo:HostStorageElementInfo[]?
HostHardwareSummary vendor:string model:string uuid:string otherIdentifyingInfo:HostSystemIdentificationInfo[]? memorySize:long cpuModel:string cpuMhz:int numCpuPkgs:short numCpuCores:short numCpuThreads:short numNics:int numHBAs:int
HostListSummary host:ManagedObjectReference? hardware:HostHardwareSummary? runtime:HostRuntimeInfo? config:HostConfigSummary quickStats:HostListSummaryQuickStats overallStatus:~ManagedEntityStatus rebootRequired:boolean customValue:CustomFieldValue[]? managementServerIp:string? maxEVCModeKey:string? currentEVCModeKey:string? currentEVCGraphicsModeKey:string? gateway:HostListSummaryGatewaySummary? tpmAttestation:HostTpmAttestationInfo? trustAuthorityAttestationInfos:HostTrustAuthorityAttestationInfo[]?
HostListSummaryGatewaySummary gatewayType:string gatewayId:string
HostListSummaryQuickStats overallCpuUsage:int? overallMemoryUsage:int? distributedCpuFairness:int? distributedMemoryFairness:int? availablePMemCapacity:int? uptime:int?
HostMountInfo path:string? accessMode:string mounted:boolean? accessible:boolean? inaccessibleReason:string?
HostNasVolume(HostFileSystemVolume) remoteHost:string remotePath:string userName:string? remoteHostNames:string[]? securityType:string? protocolEndpoint:boolean?
HostNetworkResourceRuntime pnicResourceInfo:HostPnicNetworkResourceInfo[]
HostNumericSensorInfo name:string healthState:ElementDescription? currentReading:long unitModifier:int baseUnits:string rateUnits:string? sensorType:string id:string? timeStamp:string?
HostPlacedVirtualNicIdentifier vm:ManagedObjectReference vnicKey:string reservation:int?
HostPnicNetworkResourceInfo pnicDevice:string availableBandwidthForVMTraffic:long? unusedBandwidthForVMTraffic:long? placedVirtualNics:HostPlacedVirtualNicIdentifier[]?
HostRuntimeInfo connectionState:~HostSystemConnectionState powerState:~HostSystemPowerState standbyMode:string? inMaintenanceMode:boolean inQuarantineMode:boolean? bootTime:dateTime? healthSystemRuntime:HealthSystemRuntime? dasHostState:ClusterDasFdmHostState? tpmPcrValues:HostTpmDigestInfo[]? vsanRuntimeInfo:VsanHostRuntimeInfo? networkRuntimeInfo:HostRuntimeInfoNetworkRuntimeInfo? vFlashResourceRuntimeInfo:HostVFlashManagerVFlashResourceRunTimeInfo? hostMaxVirtualDiskCapacity:long? cryptoState:string? cryptoKeyId:CryptoKeyId? statelessNvdsMigrationReady:string? stateEncryption:HostRuntimeInfoStateEncryptionInfo?
HostRuntimeInfoNetStackInstanceRuntimeInfo netStackInstanceKey:string state:string? vmknicKeys:string[]? maxNumberOfConnections:int? currentIpV6Enabled:boolean?
HostRuntimeInfoNetworkRuntimeInfo netStackInstanceRuntimeInfo:HostRuntimeInfoNetStackInstanceRuntimeInfo[]? networkResourceRuntime:HostNetworkResourceRuntime?
HostRuntimeInfoStateEncryptionInfo protectionMode:string requireSecureBoot:boolean? requireExecInstalledOnly:boolean?
HostScsiDiskPartition diskName:string partition:int
HostStorageElementInfo(HostHardwareElementInfo) operationalInfo:HostStorageOperationalInfo[]?
HostStorageOperationalInfo property:string value:string
HostSystemHealthInfo numericSensorInfo:HostNumericSensorInfo[]?
HostSystemIdentificationInfo identifierValue:string identifierType:ElementDescription
HostSystemResourceInfo key:string config:ResourceConfigSpec? child:HostSystemResourceInfo[]?
HostTpmAttestationInfo time:dateTime status:~HostTpmAttestationInfoAcceptanceStatus message:LocalizableMessage?
HostTpmDigestInfo(HostDigestInfo) pcrNumber:int
HostTrustAuthorityAttestationInfo attestationStatus:string serviceId:string? attestedAt:dateTime? attestedUntil:dateTime? messages:LocalizableMessage[]?
HostVFlashManagerVFlashResourceRunTimeInfo usage:long capacity:long accessible:boolean capacityForVmCache:long freeForVmCache:long
HostVmfsVolume(HostFileSystemVolume) blockSizeMb:int blockSize:int? unmapGranularity:int? unmapPriority:string? unmapBandwidthSpec:VmfsUnmapBandwidthSpec? maxBlocks:int majorVersion:int version:string uuid:string extent:HostScsiDiskPartition[] vmfsUpgradable:boolean forceMountedInfo:HostForceMountedInfo? ssd:boolean? local:boolean? scsiDiskType:string?
NasDatastoreInfo(DatastoreInfo) nas:HostNasVolume?
NetworkSummary network:ManagedObjectReference? name:string accessible:boolean ipPoolName:string ipPoolId:int?
Permission entity:ManagedObjectReference? principal:string group:boolean roleId:int propagate:boolean
ResourcePoolQuickStats overallCpuUsage:long? overallCpuDemand:long? guestMemoryUsage:long? hostMemoryUsage:long? distributedCpuEntitlement:long? distributedMemoryEntitlement:long? staticCpuEntitlement:int? staticMemoryEntitlement:int? privateMemory:long? sharedMemory:long? swappedMemory:long? balloonedMemory:long? overheadMemory:long? consumedOverheadMemory:long? compressedMemory:long?
ResourcePoolResourceUsage reservationUsed:long reservationUsedForVm:long unreservedForPool:long unreservedForVm:long overallUsage:long maxUsage:long
ResourcePoolRuntimeInfo memory:ResourcePoolResourceUsage cpu:ResourcePoolResourceUsage overallStatus:~ManagedEntityStatus sharesScalable:string?
ResourcePoolSummary name:string config:ResourceConfigSpec runtime:ResourcePoolRuntimeInfo quickStats:ResourcePoolQuickStats? configuredMemoryMB:int?
VirtualAppSummary(ResourcePoolSummary) product:VAppProductInfo? vAppState:~VirtualAppVAppState? suspended:boolean? installBootRequired:boolean? instanceUuid:string?
VmfsDatastoreInfo(DatastoreInfo) maxPhysicalRDMFileSize:long maxVirtualRDMFileSize:long vmfs:HostVmfsVolume?
VmfsUnmapBandwidthSpec policy:string fixedValue:long dynamicMin:long dynamicMax:long
VsanHostMembershipInfo nodeUuid:string hostname:string
VsanHostRuntimeInfo membershipList:VsanHostMembershipInfo[]? diskIssues:VsanHostRuntimeInfoDiskIssue[]? accessGenNo:int?
VsanHostRuntimeInfoDiskIssue diskId:string issue:string
`;
