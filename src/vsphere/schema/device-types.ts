/** Virtual devices, and what hangs on them but backings. Notation: notation.ts. */
export const deviceTypes = `
CryptoKeyId: keyId string, providerId KeyProviderId?
CryptoSpec
CryptoSpecDecrypt < CryptoSpec
CryptoSpecDeepRecrypt < CryptoSpec: newKeyId CryptoKeyId
CryptoSpecEncrypt < CryptoSpec: cryptoKeyId CryptoKeyId
CryptoSpecNoOp < CryptoSpec
CryptoSpecRegister < CryptoSpecNoOp: cryptoKeyId CryptoKeyId
CryptoSpecShallowRecrypt < CryptoSpec: newKeyId CryptoKeyId
Description: label string, summary string
DeviceGroupId: id string
DistributedVirtualSwitchPortConnection:
  switchUuid string, portgroupKey string?, portKey string?, connectionCookie int?
FaultDomainId: id string
ID: id string
KeyProviderId: id string
VirtualDevice:
  key int, deviceInfo Description?, backing VirtualDeviceBackingInfo?,
  connectable VirtualDeviceConnectInfo?, slotInfo VirtualDeviceBusSlotInfo?, controllerKey int?,
  unitNumber int?, numaNode int?@8.0.0.1, deviceGroupInfo VirtualDeviceDeviceGroupInfo?@8.0.0.1
VirtualController < VirtualDevice: busNumber int, device int[]?
VirtualSCSIController < VirtualController:
  hotAddRemove boolean?, sharedBus string, scsiCtlrUnitNumber int?
ParaVirtualSCSIController < VirtualSCSIController
ReplicationGroupId: faultDomainId FaultDomainId, deviceGroupId DeviceGroupId
ReplicationSpec: replicationGroupId ReplicationGroupId
ResourceAllocationInfo:
  reservation long?, expandableReservation boolean?, limit long?, shares SharesInfo?,
  overheadLimit long?
SharesInfo: shares int, level string
StorageIOAllocationInfo: limit long?, shares SharesInfo?, reservation int?
VirtualSATAController < VirtualController
VirtualAHCIController < VirtualSATAController
VirtualBusLogicController < VirtualSCSIController
VirtualCdrom < VirtualDevice
VirtualDeviceConfigSpec:
  operation string?, fileOperation string?, device VirtualDevice,
  profile VirtualMachineProfileSpec[]?, backing VirtualDeviceConfigSpecBackingSpec?,
  filterSpec VirtualMachineBaseIndependentFilterSpec[]?@7.0.2.1, changeMode string?@8.0.0.1
VirtualDeviceConfigSpecBackingSpec: parent VirtualDeviceConfigSpecBackingSpec?, crypto CryptoSpec?
VirtualDeviceConnectInfo:
  migrateConnect string?, startConnected boolean, allowGuestControl boolean, connected boolean,
  status string?
VirtualDeviceDeviceGroupInfo: groupInstanceKey int, sequenceId int
VirtualDisk < VirtualDevice:
  capacityInKB long, capacityInBytes long?, shares SharesInfo?,
  storageIOAllocation StorageIOAllocationInfo?, diskObjectId string?,
  vFlashCacheConfigInfo VirtualDiskVFlashCacheConfigInfo?, iofilter string[]?, vDiskId ID?,
  vDiskVersion int?@8.0.1, nativeUnmanagedLinkedClone boolean?,
  independentFilters VirtualMachineBaseIndependentFilterSpec[]?@7.0.2.1,
  guestReadOnly boolean?@8.0.2
VirtualDiskVFlashCacheConfigInfo:
  vFlashModule string?, reservationInMB long?, cacheConsistencyType string?, cacheMode string?,
  blockSizeInKB long?
VirtualEthernetCard < VirtualDevice:
  addressType string?, macAddress string?, wakeOnLanEnabled boolean?,
  resourceAllocation VirtualEthernetCardResourceAllocation?, externalId string?,
  uptCompatibilityEnabled boolean?
VirtualE1000 < VirtualEthernetCard
VirtualE1000e < VirtualEthernetCard
VirtualSoundCard < VirtualDevice
VirtualEnsoniq1371 < VirtualSoundCard
VirtualEthernetCardResourceAllocation: reservation long?, share SharesInfo, limit long?
VirtualFloppy < VirtualDevice
VirtualHdAudioCard < VirtualSoundCard
VirtualIDEController < VirtualController
VirtualKeyboard < VirtualDevice
VirtualLsiLogicController < VirtualSCSIController
VirtualLsiLogicSASController < VirtualSCSIController
VirtualMachineBaseIndependentFilterSpec
VirtualMachineProfileSpec
VirtualMachineDefaultProfileSpec < VirtualMachineProfileSpec
VirtualMachineDefinedProfileSpec < VirtualMachineProfileSpec:
  profileId string, replicationSpec ReplicationSpec?, profileData VirtualMachineProfileRawData?,
  profileParams KeyValue[]?
VirtualMachineEmptyProfileSpec < VirtualMachineProfileSpec
VirtualMachineProfileRawData: extensionKey string, objectData string?
VirtualMachineVMCIDevice < VirtualDevice:
  id long?, allowUnrestrictedCommunication boolean?, filterEnable boolean?,
  filterInfo VirtualMachineVMCIDeviceFilterInfo?
VirtualMachineVMCIDeviceFilterInfo: filters VirtualMachineVMCIDeviceFilterSpec[]?
VirtualMachineVMCIDeviceFilterSpec:
  rank long, action string, protocol string, direction string, lowerDstPortBoundary long?,
  upperDstPortBoundary long?
VirtualMachineVMIROM < VirtualDevice
VirtualMachineVideoCard < VirtualDevice:
  videoRamSizeInKB long?, numDisplays int?, useAutoDetect boolean?, enable3DSupport boolean?,
  use3dRenderer string?, graphicsMemorySizeInKB long?
VirtualNVDIMM < VirtualDevice: capacityInMB long, configuredCapacityInMB long?@7.0.2
VirtualNVDIMMController < VirtualController
VirtualNVMEController < VirtualController: sharedBus string?@8.0.2
VirtualPCIController < VirtualController
VirtualPCIPassthrough < VirtualDevice
VirtualPCIPassthroughAllowedDevice:
  vendorId int, deviceId int, subVendorId int?, subDeviceId int?, revisionId short?
VirtualPCNet32 < VirtualEthernetCard
VirtualPS2Controller < VirtualController
VirtualParallelPort < VirtualDevice
VirtualPointingDevice < VirtualDevice
VirtualPrecisionClock < VirtualDevice
VirtualSCSIPassthrough < VirtualDevice
VirtualSIOController < VirtualController
VirtualSerialPort < VirtualDevice: yieldOnPoll boolean
VirtualSoundBlaster16 < VirtualSoundCard
VirtualSriovEthernetCard < VirtualEthernetCard:
  allowGuestOSMtuChange boolean?, sriovBacking VirtualSriovEthernetCardSriovBackingInfo?,
  dvxBackingInfo VirtualPCIPassthroughDvxBackingInfo?@8.0.0.1
VirtualTPM < VirtualDevice:
  endorsementKeyCertificateSigningRequest base64[]?, endorsementKeyCertificate base64[]?
VirtualUSB < VirtualDevice:
  connected boolean, vendor int?, product int?, family string[]?, speed string[]?
VirtualUSBController < VirtualController: autoConnectDevices boolean?, ehciEnabled boolean?
VirtualUSBXHCIController < VirtualController: autoConnectDevices boolean?
VirtualVmxnet < VirtualEthernetCard
VirtualVmxnet2 < VirtualVmxnet
VirtualVmxnet3 < VirtualVmxnet: uptv2Enabled boolean?@8.0.0.1
VirtualVmxnet3Vrdma < VirtualVmxnet3: deviceProtocol string?
VirtualWDT < VirtualDevice: runOnBoot boolean, running boolean
ArrayOfVirtualDevice: VirtualDevice VirtualDevice[]?
`;
