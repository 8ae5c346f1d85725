/** VirtualMachineConfigInfo, VirtualMachineConfigSpec and their parts. Notation: notation.ts. */
export const vmConfigTypes = `
FaultToleranceConfigInfo:
  role int, instanceUuids string[], configPaths string[], orphaned boolean?
HostCpuIdInfo: level int, vendor string?, eax string?, ebx string?, ecx string?, edx string?
KeyValue: key string, value string
LatencySensitivity: level string, sensitivity int?
ManagedByInfo: extensionKey string, type string
OptionValue: key string, value anyType?
ReplicationConfigSpec:
  generation long, vmReplicationId string, destination string, port int, rpo long,
  quiesceGuestEnabled boolean, paused boolean, oppUpdatesEnabled boolean,
  netCompressionEnabled boolean?, netEncryptionEnabled boolean?, encryptionDestination string?,
  encryptionPort int?, remoteCertificateThumbprint string?,
  dataSetsReplicationEnabled boolean?@8.0, disk ReplicationInfoDiskSettings[]?
ReplicationInfoDiskSettings: key int, diskReplicationId string
ScheduledHardwareUpgradeInfo:
  upgradePolicy string?, versionKey string?, scheduledHardwareUpgradeStatus string?,
  fault LocalizedMethodFault?
ToolsConfigInfo:
  toolsVersion int?, toolsInstallType string?, afterPowerOn boolean?, afterResume boolean?,
  beforeGuestStandby boolean?, beforeGuestShutdown boolean?, beforeGuestReboot boolean?,
  toolsUpgradePolicy string?, pendingCustomization string?, customizationKeyId CryptoKeyId?,
  syncTimeWithHostAllowed boolean?@7.0.1, syncTimeWithHost boolean?,
  lastInstallInfo ToolsConfigInfoToolsLastInstallInfo?
ToolsConfigInfoToolsLastInstallInfo: counter int, fault LocalizedMethodFault?
VirtualHardware:
  numCPU int, numCoresPerSocket int?, autoCoresPerSocket boolean?@8.0.0.1, memoryMB int,
  virtualICH7MPresent boolean?, virtualSMCPresent boolean?, device VirtualDevice[]?,
  motherboardLayout string?@8.0.0.1, simultaneousThreads int?@8.0.0.1
VirtualMachineAffinityInfo: affinitySet int[]?
VirtualMachineBootOptions:
  bootDelay long?, enterBIOSSetup boolean?, efiSecureBootEnabled boolean?,
  bootRetryEnabled boolean?, bootRetryDelay long?,
  bootOrder VirtualMachineBootOptionsBootableDevice[]?, networkBootProtocol string?
VirtualMachineBootOptionsBootableDevice
VirtualMachineBootOptionsBootableCdromDevice < VirtualMachineBootOptionsBootableDevice
VirtualMachineBootOptionsBootableDiskDevice < VirtualMachineBootOptionsBootableDevice:
  deviceKey int
VirtualMachineBootOptionsBootableEthernetDevice < VirtualMachineBootOptionsBootableDevice:
  deviceKey int
VirtualMachineBootOptionsBootableFloppyDevice < VirtualMachineBootOptionsBootableDevice
VirtualMachineConfigInfo:
  changeVersion string, modified dateTime, name string, guestFullName string, version string,
  uuid string, createDate dateTime?, instanceUuid string?, npivNodeWorldWideName long[]?,
  npivPortWorldWideName long[]?, npivWorldWideNameType string?, npivDesiredNodeWwns short?,
  npivDesiredPortWwns short?, npivTemporaryDisabled boolean?, npivOnNonRdmDisks boolean?,
  locationId string?, template boolean, guestId string, alternateGuestName string,
  annotation string?, files VirtualMachineFileInfo, tools ToolsConfigInfo?,
  flags VirtualMachineFlagInfo, consolePreferences VirtualMachineConsolePreferences?,
  defaultPowerOps VirtualMachineDefaultPowerOpInfo, rebootPowerOff boolean?@8.0.0.1,
  hardware VirtualHardware, vcpuConfig VirtualMachineVcpuConfig[]?@7,
  cpuAllocation ResourceAllocationInfo?, memoryAllocation ResourceAllocationInfo?,
  latencySensitivity LatencySensitivity?, memoryHotAddEnabled boolean?, cpuHotAddEnabled boolean?,
  cpuHotRemoveEnabled boolean?, hotPlugMemoryLimit long?, hotPlugMemoryIncrementSize long?,
  cpuAffinity VirtualMachineAffinityInfo?, memoryAffinity VirtualMachineAffinityInfo?,
  networkShaper VirtualMachineNetworkShaperInfo?, extraConfig OptionValue[]?,
  cpuFeatureMask HostCpuIdInfo[]?, datastoreUrl VirtualMachineConfigInfoDatastoreUrlPair[]?,
  swapPlacement string?, bootOptions VirtualMachineBootOptions?, ftInfo FaultToleranceConfigInfo?,
  repConfig ReplicationConfigSpec?, vAppConfig VmConfigInfo?, vAssertsEnabled boolean?,
  changeTrackingEnabled boolean?, firmware string?, maxMksConnections int?,
  guestAutoLockEnabled boolean?, managedBy ManagedByInfo?, memoryReservationLockedToMax boolean?,
  initialOverhead VirtualMachineConfigInfoOverheadInfo?, nestedHVEnabled boolean?,
  vPMCEnabled boolean?, scheduledHardwareUpgradeInfo ScheduledHardwareUpgradeInfo?,
  forkConfigInfo VirtualMachineForkConfigInfo?, vFlashCacheReservation long?,
  vmxConfigChecksum base64?, messageBusTunnelEnabled boolean?, vmStorageObjectId string?,
  swapStorageObjectId string?, keyId CryptoKeyId?,
  guestIntegrityInfo VirtualMachineGuestIntegrityInfo?, migrateEncryption string?,
  sgxInfo VirtualMachineSgxInfo?@7, contentLibItemInfo VirtualMachineContentLibraryItemInfo?@7,
  ftEncryptionMode string?@7.0.2, guestMonitoringModeInfo VirtualMachineGuestMonitoringModeInfo?@7,
  sevEnabled boolean?@7.0.1, numaInfo VirtualMachineVirtualNumaInfo?@8.0.0.1,
  pmemFailoverEnabled boolean?@7.0.2, vmxStatsCollectionEnabled boolean?@7.0.3.1,
  vmOpNotificationToAppEnabled boolean?@7.0.3, vmOpNotificationTimeout long?@8.0.0.1,
  deviceSwap VirtualMachineVirtualDeviceSwap?@8.0.0.1, pmem VirtualMachineVirtualPMem?@7.0.3,
  deviceGroups VirtualMachineVirtualDeviceGroups?@8.0.0.1,
  fixedPassthruHotPlugEnabled boolean?@8.0.1, metroFtEnabled boolean?@8.0.3,
  metroFtHostGroup string?@8.0.3
VirtualMachineConfigInfoDatastoreUrlPair: name string, url string
VirtualMachineConfigInfoOverheadInfo: initialMemoryReservation long?, initialSwapReservation long?
VirtualMachineConfigSpec:
  changeVersion string?, name string?, version string?, createDate dateTime?, uuid string?,
  instanceUuid string?, npivNodeWorldWideName long[]?, npivPortWorldWideName long[]?,
  npivWorldWideNameType string?, npivDesiredNodeWwns short?, npivDesiredPortWwns short?,
  npivTemporaryDisabled boolean?, npivOnNonRdmDisks boolean?, npivWorldWideNameOp string?,
  locationId string?, guestId string?, alternateGuestName string?, annotation string?,
  files VirtualMachineFileInfo?, tools ToolsConfigInfo?, flags VirtualMachineFlagInfo?,
  consolePreferences VirtualMachineConsolePreferences?,
  powerOpInfo VirtualMachineDefaultPowerOpInfo?, rebootPowerOff boolean?@8.0.0.1, numCPUs int?,
  vcpuConfig VirtualMachineVcpuConfig[]?@7, numCoresPerSocket int?, memoryMB long?,
  memoryHotAddEnabled boolean?, cpuHotAddEnabled boolean?, cpuHotRemoveEnabled boolean?,
  virtualICH7MPresent boolean?, virtualSMCPresent boolean?,
  deviceChange VirtualDeviceConfigSpec[]?, cpuAllocation ResourceAllocationInfo?,
  memoryAllocation ResourceAllocationInfo?, latencySensitivity LatencySensitivity?,
  cpuAffinity VirtualMachineAffinityInfo?, memoryAffinity VirtualMachineAffinityInfo?,
  networkShaper VirtualMachineNetworkShaperInfo?, cpuFeatureMask VirtualMachineCpuIdInfoSpec[]?,
  extraConfig OptionValue[]?, swapPlacement string?, bootOptions VirtualMachineBootOptions?,
  vAppConfig VmConfigSpec?, ftInfo FaultToleranceConfigInfo?, repConfig ReplicationConfigSpec?,
  vAppConfigRemoved boolean?, vAssertsEnabled boolean?, changeTrackingEnabled boolean?,
  firmware string?, maxMksConnections int?, guestAutoLockEnabled boolean?,
  managedBy ManagedByInfo?, memoryReservationLockedToMax boolean?, nestedHVEnabled boolean?,
  vPMCEnabled boolean?, scheduledHardwareUpgradeInfo ScheduledHardwareUpgradeInfo?,
  vmProfile VirtualMachineProfileSpec[]?, messageBusTunnelEnabled boolean?, crypto CryptoSpec?,
  migrateEncryption string?, sgxInfo VirtualMachineSgxInfo?@7, ftEncryptionMode string?@7.0.2,
  guestMonitoringModeInfo VirtualMachineGuestMonitoringModeInfo?@7, sevEnabled boolean?@7.0.1,
  virtualNuma VirtualMachineVirtualNuma?@8.0.0.1, motherboardLayout string?@8.0.0.1,
  pmemFailoverEnabled boolean?@7.0.2, vmxStatsCollectionEnabled boolean?@7.0.3.1,
  vmOpNotificationToAppEnabled boolean?@7.0.3, vmOpNotificationTimeout long?@8.0.0.1,
  deviceSwap VirtualMachineVirtualDeviceSwap?@8.0.0.1, simultaneousThreads int?@8.0.0.1,
  pmem VirtualMachineVirtualPMem?@7.0.3, deviceGroups VirtualMachineVirtualDeviceGroups?@8.0.0.1,
  fixedPassthruHotPlugEnabled boolean?@8.0.1, metroFtEnabled boolean?@8.0.3,
  metroFtHostGroup string?@8.0.3
VirtualMachineConsolePreferences:
  powerOnWhenOpened boolean?, enterFullScreenOnPowerOn boolean?, closeOnPowerOffOrSuspend boolean?
VirtualMachineContentLibraryItemInfo:
  contentLibraryItemUuid string, contentLibraryItemVersion string?
VirtualMachineCpuIdInfoSpec < ArrayUpdateSpec: info HostCpuIdInfo?
VirtualMachineDefaultPowerOpInfo:
  powerOffType string?, suspendType string?, resetType string?, defaultPowerOffType string?,
  defaultSuspendType string?, defaultResetType string?, standbyAction string?
VirtualMachineFileInfo:
  vmPathName string?, snapshotDirectory string?, suspendDirectory string?, logDirectory string?,
  ftMetadataDirectory string?
VirtualMachineFlagInfo:
  disableAcceleration boolean?, enableLogging boolean?, useToe boolean?,
  runWithDebugInfo boolean?, monitorType string?, htSharing string?, snapshotDisabled boolean?,
  snapshotLocked boolean?, diskUuidEnabled boolean?, virtualMmuUsage string?,
  virtualExecUsage string?, snapshotPowerOffBehavior string?, recordReplayEnabled boolean?,
  faultToleranceType string?, cbrcCacheEnabled boolean?, vvtdEnabled boolean?, vbsEnabled boolean?
VirtualMachineForkConfigInfo:
  parentEnabled boolean?, childForkGroupId string?, parentForkGroupId string?, childType string?
VirtualMachineGuestIntegrityInfo: enabled boolean?
VirtualMachineGuestMonitoringModeInfo: gmmFile string?, gmmAppliance string?
VirtualMachineNetworkShaperInfo:
  enabled boolean?, peakBps long?, averageBps long?, burstSize long?
VirtualMachineSgxInfo:
  epcSize long, flcMode string?, lePubKeyHash string?, requireAttestation boolean?@8.0.0.1
VirtualMachineVcpuConfig: latencySensitivity LatencySensitivity?
VirtualMachineVirtualDeviceGroups: deviceGroup VirtualMachineVirtualDeviceGroupsDeviceGroup[]?
VirtualMachineVirtualDeviceGroupsDeviceGroup: groupInstanceKey int, deviceInfo Description?
VirtualMachineVirtualDeviceSwap: lsiToPvscsi VirtualMachineVirtualDeviceSwapDeviceSwapInfo?
VirtualMachineVirtualDeviceSwapDeviceSwapInfo:
  enabled boolean?, applicable boolean?, status string?
VirtualMachineVirtualNuma: coresPerNumaNode int?, exposeVnumaOnCpuHotadd boolean?
VirtualMachineVirtualNumaInfo:
  coresPerNumaNode int?, autoCoresPerNumaNode boolean?, vnumaOnCpuHotaddExposed boolean?
VirtualMachineVirtualPMem: snapshotMode string?
ArrayOfOptionValue: OptionValue OptionValue[]?
`;
