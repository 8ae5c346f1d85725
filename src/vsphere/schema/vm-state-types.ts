/** Snapshots, changed areas, file layout, questions, datastores. Notation: notation.ts. */
export const vmStateTypes = `
ChoiceOption < OptionType: choiceInfo ElementDescription[], defaultIndex int?
DatastoreHostMount: key moref, mountInfo HostMountInfo
DatastoreSummary:
  datastore moref?, name string, url string, capacity long, freeSpace long, uncommitted long?,
  accessible boolean, multipleHostAccess boolean?, type string, maintenanceMode string?
ElementDescription < Description: key string
OptionType: valueIsReadonly boolean?
DiskChangeExtent: start long, length long
DiskChangeInfo: startOffset long, length long, changedArea DiskChangeExtent[]?
HostMountInfo:
  path string?, accessMode string, mounted boolean?, accessible boolean?,
  inaccessibleReason string?, vmknicName string?@8.0.1, vmknicActive boolean?@8.0.1,
  mountFailedReason string?@8.0.0.1, numTcpConnections int?@8.0.1
VirtualMachineFileLayoutEx:
  file VirtualMachineFileLayoutExFileInfo[]?, disk VirtualMachineFileLayoutExDiskLayout[]?,
  snapshot VirtualMachineFileLayoutExSnapshotLayout[]?, timestamp dateTime
VirtualMachineFileLayoutExDiskLayout: key int, chain VirtualMachineFileLayoutExDiskUnit[]?
VirtualMachineFileLayoutExDiskUnit: fileKey int[]
VirtualMachineFileLayoutExFileInfo:
  key int, name string, type string, size long, uniqueSize long?, backingObjectId string?,
  accessible boolean?
VirtualMachineFileLayoutExSnapshotLayout:
  key moref, dataKey int, memoryKey int, disk VirtualMachineFileLayoutExDiskLayout[]?
VirtualMachineMessage: id string, argument anyType[]?, text string?
VirtualMachineQuestionInfo:
  id string, text string, choice ChoiceOption, message VirtualMachineMessage[]?
VirtualMachineSnapshotInfo: currentSnapshot moref?, rootSnapshotList VirtualMachineSnapshotTree[]
VirtualMachineSnapshotTree:
  snapshot moref, vm moref, name string, description string, id int, createTime dateTime,
  state string, quiesced boolean, backupManifest string?,
  childSnapshotList VirtualMachineSnapshotTree[]?, replaySupported boolean?
VirtualMachineGuestQuiesceSpec: timeout int?
VirtualMachineWindowsQuiesceSpec < VirtualMachineGuestQuiesceSpec:
  vssBackupType int?, vssBootableSystemState boolean?, vssPartialFileSupport boolean?,
  vssBackupContext string?
ArrayOfDatastoreHostMount: DatastoreHostMount DatastoreHostMount[]?
ArrayOfVirtualMachineFileLayoutExFileInfo:
  VirtualMachineFileLayoutExFileInfo VirtualMachineFileLayoutExFileInfo[]?
ArrayOfVirtualMachineSnapshotTree: VirtualMachineSnapshotTree VirtualMachineSnapshotTree[]?
`;
