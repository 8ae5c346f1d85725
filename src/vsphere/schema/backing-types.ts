/** Backings and bus slots of virtual devices. Notation: notation.ts. */
export const backingTypes = `
VirtualDeviceBackingInfo
VirtualDeviceDeviceBackingInfo < VirtualDeviceBackingInfo:
  deviceName string, useAutoDetect boolean?
VirtualCdromAtapiBackingInfo < VirtualDeviceDeviceBackingInfo
VirtualDeviceFileBackingInfo < VirtualDeviceBackingInfo:
  fileName string, datastore moref?, backingObjectId string?
VirtualCdromIsoBackingInfo < VirtualDeviceFileBackingInfo
VirtualCdromPassthroughBackingInfo < VirtualDeviceDeviceBackingInfo: exclusive boolean
VirtualDeviceRemoteDeviceBackingInfo < VirtualDeviceBackingInfo:
  deviceName string, useAutoDetect boolean?
VirtualCdromRemoteAtapiBackingInfo < VirtualDeviceRemoteDeviceBackingInfo
VirtualCdromRemotePassthroughBackingInfo < VirtualDeviceRemoteDeviceBackingInfo: exclusive boolean
VirtualDeviceBusSlotInfo
VirtualDevicePciBusSlotInfo < VirtualDeviceBusSlotInfo: pciSlotNumber int
VirtualDevicePipeBackingInfo < VirtualDeviceBackingInfo: pipeName string
VirtualDeviceURIBackingInfo < VirtualDeviceBackingInfo:
  serviceURI string, direction string, proxyURI string?
VirtualDiskFlatVer1BackingInfo < VirtualDeviceFileBackingInfo:
  diskMode string, split boolean?, writeThrough boolean?, contentId string?,
  parent VirtualDiskFlatVer1BackingInfo?
VirtualDiskFlatVer2BackingInfo < VirtualDeviceFileBackingInfo:
  diskMode string, split boolean?, writeThrough boolean?, thinProvisioned boolean?,
  eagerlyScrub boolean?, uuid string?, contentId string?, changeId string?,
  parent VirtualDiskFlatVer2BackingInfo?, deltaDiskFormat string?, digestEnabled boolean?,
  deltaGrainSize int?, deltaDiskFormatVariant string?, sharing string?, keyId CryptoKeyId?
VirtualDiskLocalPMemBackingInfo < VirtualDeviceFileBackingInfo:
  diskMode string, uuid string?, volumeUUID string?, contentId string?
VirtualDiskRawDiskVer2BackingInfo < VirtualDeviceDeviceBackingInfo:
  descriptorFileName string, uuid string?, changeId string?, sharing string?
VirtualDiskPartitionedRawDiskVer2BackingInfo < VirtualDiskRawDiskVer2BackingInfo: partition int[]
VirtualDiskRawDiskMappingVer1BackingInfo < VirtualDeviceFileBackingInfo:
  lunUuid string?, deviceName string?, compatibilityMode string?, diskMode string?, uuid string?,
  contentId string?, changeId string?, parent VirtualDiskRawDiskMappingVer1BackingInfo?,
  deltaDiskFormat string?, deltaGrainSize int?, sharing string?
VirtualDiskSeSparseBackingInfo < VirtualDeviceFileBackingInfo:
  diskMode string, writeThrough boolean?, uuid string?, contentId string?, changeId string?,
  parent VirtualDiskSeSparseBackingInfo?, deltaDiskFormat string?, digestEnabled boolean?,
  grainSize int?, keyId CryptoKeyId?
VirtualDiskSparseVer1BackingInfo < VirtualDeviceFileBackingInfo:
  diskMode string, split boolean?, writeThrough boolean?, spaceUsedInKB long?, contentId string?,
  parent VirtualDiskSparseVer1BackingInfo?
VirtualDiskSparseVer2BackingInfo < VirtualDeviceFileBackingInfo:
  diskMode string, split boolean?, writeThrough boolean?, spaceUsedInKB long?, uuid string?,
  contentId string?, changeId string?, parent VirtualDiskSparseVer2BackingInfo?,
  keyId CryptoKeyId?
VirtualEthernetCardDistributedVirtualPortBackingInfo < VirtualDeviceBackingInfo:
  port DistributedVirtualSwitchPortConnection
VirtualEthernetCardLegacyNetworkBackingInfo < VirtualDeviceDeviceBackingInfo
VirtualEthernetCardNetworkBackingInfo < VirtualDeviceDeviceBackingInfo:
  network moref?, inPassthroughMode boolean?
VirtualEthernetCardOpaqueNetworkBackingInfo < VirtualDeviceBackingInfo:
  opaqueNetworkId string, opaqueNetworkType string
VirtualFloppyDeviceBackingInfo < VirtualDeviceDeviceBackingInfo
VirtualFloppyImageBackingInfo < VirtualDeviceFileBackingInfo
VirtualFloppyRemoteDeviceBackingInfo < VirtualDeviceRemoteDeviceBackingInfo
VirtualNVDIMMBackingInfo < VirtualDeviceFileBackingInfo:
  parent VirtualNVDIMMBackingInfo?, changeId string?
VirtualPCIPassthroughDeviceBackingInfo < VirtualDeviceDeviceBackingInfo:
  id string, deviceId string, systemId string, vendorId short
VirtualPCIPassthroughDvxBackingInfo < VirtualDeviceBackingInfo:
  deviceClass string?, configParams OptionValue[]?
VirtualPCIPassthroughDynamicBackingInfo < VirtualDeviceDeviceBackingInfo:
  allowedDevice VirtualPCIPassthroughAllowedDevice[]?, customLabel string?, assignedId string?
VirtualPCIPassthroughPluginBackingInfo < VirtualDeviceBackingInfo
VirtualPCIPassthroughVmiopBackingInfo < VirtualPCIPassthroughPluginBackingInfo:
  vgpu string?, vgpuMigrateDataSizeMB int?@8.0.0.1, migrateSupported boolean?@7.0.2,
  enhancedMigrateCapability boolean?@8.0.0.1
VirtualParallelPortDeviceBackingInfo < VirtualDeviceDeviceBackingInfo
VirtualParallelPortFileBackingInfo < VirtualDeviceFileBackingInfo
VirtualPointingDeviceDeviceBackingInfo < VirtualDeviceDeviceBackingInfo: hostPointingDevice string
VirtualPrecisionClockSystemClockBackingInfo < VirtualDeviceBackingInfo: protocol string?
VirtualSCSIPassthroughDeviceBackingInfo < VirtualDeviceDeviceBackingInfo
VirtualSerialPortDeviceBackingInfo < VirtualDeviceDeviceBackingInfo
VirtualSerialPortFileBackingInfo < VirtualDeviceFileBackingInfo
VirtualSerialPortPipeBackingInfo < VirtualDevicePipeBackingInfo:
  endpoint string, noRxLoss boolean?
VirtualSerialPortThinPrintBackingInfo < VirtualDeviceBackingInfo
VirtualSerialPortURIBackingInfo < VirtualDeviceURIBackingInfo
VirtualSoundCardDeviceBackingInfo < VirtualDeviceDeviceBackingInfo
VirtualSriovEthernetCardSriovBackingInfo < VirtualDeviceBackingInfo:
  physicalFunctionBacking VirtualPCIPassthroughDeviceBackingInfo?,
  virtualFunctionBacking VirtualPCIPassthroughDeviceBackingInfo?, virtualFunctionIndex int?
VirtualUSBControllerPciBusSlotInfo < VirtualDevicePciBusSlotInfo: ehciPciSlotNumber int?
VirtualUSBRemoteClientBackingInfo < VirtualDeviceRemoteDeviceBackingInfo: hostname string
VirtualUSBRemoteHostBackingInfo < VirtualDeviceDeviceBackingInfo: hostname string
VirtualUSBUSBBackingInfo < VirtualDeviceDeviceBackingInfo
`;
