import { fieldDef } from './custom-fields.ts';
import type { ManagedObject } from './inventory.ts';
import type { Site } from './site.ts';
import type { Snapshot, Vm } from './vm.ts';
import { configInfo, guestFullName, placesOf } from './vm-config.ts';

/** A VM as a managed object. */
export function vmObject(
  vm: Vm,
  { inventory, customFields }: Pick<Site, 'inventory' | 'customFields'>,
): ManagedObject {
  return {
    ref: vm.ref,
    read: {
      name: () => vm.name,
      parent: () => vm.parent,
      customValue: () => customValues(vm),
      value: () => customValues(vm),
      availableField: () => [...customFields].map(([key, field]) => fieldDef(key, field)),
      overallStatus: () => 'green',
      configStatus: () => 'green',
      configIssue: () => [],
      effectiveRole: () => [-1],
      disabledMethod: () => [],
      recentTask: () => (vm.busyWith === undefined ? [] : [vm.busyWith]),
      alarmActionsEnabled: () => true,
      capability: () => capability(vm),
      config: () => configInfo(vm),
      layoutEx: () => layoutEx(vm),
      storage: () => ({ perDatastoreUsage: [], timestamp: vm.modifiedAt }),
      resourcePool: () => (vm.template ? undefined : vm.pool),
      runtime: () => runtime(vm),
      guest: () => guest(vm),
      summary: () => summary(vm),
      datastore: () => placesOf(vm, inventory).datastores,
      network: () => placesOf(vm, inventory).networks,
      snapshot: () => snapshotInfo(vm),
      rootSnapshot: () => vm.snapshots.map((snapshot) => snapshot.ref),
      guestHeartbeatStatus: () => (vm.power === 'poweredOn' ? 'green' : 'gray'),
    },
  };
}

export function snapshotObject(snapshot: Snapshot, vm: Vm): ManagedObject {
  return {
    ref: snapshot.ref,
    read: {
      config: () => snapshot.config,
      childSnapshot: () => snapshot.children.map((child) => child.ref),
      vm: () => vm.ref,
    },
  };
}

function customValues(vm: Vm): object[] {
  return [...vm.customValues].map(([key, value]) => ({
    $type: 'CustomFieldStringValue',
    key,
    value,
  }));
}

function capability(vm: Vm): object {
  const on = `snapshotOperations multipleSnapshots snapshotConfig poweredOffSnapshots memorySnapshots
    revertToSnapshot quiescedSnapshots cpuFeatureMask toolsAutoUpdate swapPlacement toolsSyncTime
    virtualMmuUsage diskShares bootOptions bootRetryOptions settingVideoRamSize settingDisplayTopology
    changeTracking multipleCoresPerSocket hostBasedReplication guestAutoLock memoryReservationLock
    featureRequirement poweredOnMonitorTypeChange nestedHV vPMC secureBoot`;
  const off = `disableSnapshots lockSnapshots consolePreferences s1AcpiManagement settingScreenResolution
    vmNpivWwn npivWwnOnNonRdmVm vmNpivWwnDisable vmNpivWwnUpdate recordReplay seSparseDisk`;
  const all = (words: string, value: boolean): [string, boolean][] =>
    words.split(/\s+/).map((word) => [`${word}Supported`, value]);
  return {
    ...Object.fromEntries([...all(on, true), ...all(off, false)]),
    changeTrackingSupported: vm.quirks.changeTrackingSupported ?? true,
    snapshotOperationsSupported: vm.quirks.snapshotsSupported ?? true,
  };
}

function runtime(vm: Vm): object {
  return {
    host: vm.host,
    connectionState: vm.quirks.connectionState ?? 'connected',
    powerState: vm.power,
    faultToleranceState: vm.quirks.faultTolerance === true ? 'running' : 'notConfigured',
    question: vm.quirks.question === undefined ? undefined : question(vm.quirks.question),
    toolsInstallerMounted: false,
    bootTime: vm.power === 'poweredOn' ? vm.createdAt : undefined,
    maxCpuUsage: 2000 * vm.hardware.numCPUs,
    maxMemoryUsage: vm.hardware.memoryMB,
    numMksConnections: 0,
    recordReplayState: 'inactive',
    cleanPowerOff: vm.power === 'poweredOff' ? true : undefined,
    onlineStandby: false,
    consolidationNeeded: vm.consolidationNeeded,
    paused: false,
    snapshotInBackground: false,
  };
}

function question(text: string): object {
  const choiceInfo = ['yes', 'no'].map((key) => ({ label: key, summary: key, key }));
  return { id: '1', text, choice: { valueIsReadonly: true, choiceInfo } };
}

function toolsState(vm: Vm): { running: boolean; status: string } {
  const running = vm.power === 'poweredOn' && vm.toolsRunning;
  return { running, status: running ? 'toolsOk' : 'toolsNotRunning' };
}

function guest(vm: Vm): object {
  const tools = toolsState(vm);
  return {
    toolsStatus: tools.status,
    toolsVersionStatus: 'guestToolsUnmanaged',
    toolsVersionStatus2: 'guestToolsUnmanaged',
    toolsRunningStatus: tools.running ? 'guestToolsRunning' : 'guestToolsNotRunning',
    toolsVersion: '12352',
    guestId: tools.running ? vm.hardware.guestId : undefined,
    guestFamily: tools.running ? 'linuxGuest' : undefined,
    guestFullName: tools.running ? guestFullName(vm.hardware.guestId) : undefined,
    hostName: tools.running ? vm.name : undefined,
    guestState: tools.running ? 'running' : 'notRunning',
    appHeartbeatStatus: 'appStatusGray',
    guestOperationsReady: tools.running,
  };
}

function summary(vm: Vm): object {
  const tools = toolsState(vm);
  const committed = vm.disks.reduce((sum, disk) => sum + disk.leaf.sizeBytes, 0);
  return {
    vm: vm.ref,
    runtime: runtime(vm),
    guest: {
      guestId: vm.hardware.guestId,
      guestFullName: guestFullName(vm.hardware.guestId),
      toolsStatus: tools.status,
      toolsRunningStatus: tools.running ? 'guestToolsRunning' : 'guestToolsNotRunning',
    },
    config: {
      name: vm.name,
      template: vm.template,
      vmPathName: vm.vmxPath,
      memorySizeMB: vm.hardware.memoryMB,
      cpuReservation: 0,
      memoryReservation: 0,
      numCpu: vm.hardware.numCPUs,
      numEthernetCards: vm.devices.filter((device) => 'macAddress' in device).length,
      numVirtualDisks: vm.disks.length,
      uuid: vm.uuid,
      instanceUuid: vm.instanceUuid,
      guestId: vm.hardware.guestId,
      guestFullName: guestFullName(vm.hardware.guestId),
      annotation: vm.hardware.annotation,
      hwVersion: vm.hardware.version,
    },
    storage: { committed, uncommitted: 0, unshared: committed, timestamp: vm.modifiedAt },
    quickStats: {
      overallCpuUsage: 0,
      guestMemoryUsage: 0,
      hostMemoryUsage: 0,
      guestHeartbeatStatus: vm.power === 'poweredOn' ? 'green' : 'gray',
      uptimeSeconds: 0,
    },
    overallStatus: 'green',
    customValue: customValues(vm),
  };
}

function layoutEx(vm: Vm): object {
  const folder = `[${vm.datastoreName}] ${vm.folderName}`;
  const stem = vm.vmxPath.slice(vm.vmxPath.lastIndexOf('/') + 1).replace(/\.vmx$/, '');
  const files = [
    { key: 0, name: vm.vmxPath, type: 'config', size: 3000 },
    { key: 1, name: `${folder}/${stem}.nvram`, type: 'nvram', size: 8684 },
    { key: 2, name: `${folder}/${stem}.vmsd`, type: 'snapshotList', size: 0 },
  ];
  const disks: { key: number; chain: { fileKey: number[] }[] }[] = [];
  for (const disk of vm.disks) {
    const chain: { fileKey: number[] }[] = [];
    for (const file of disk.leaf.chain()) {
      const key = files.length;
      const extent = file.fileName.replace(
        /\.vmdk$/,
        file.parent === undefined ? '-flat.vmdk' : '-delta.vmdk',
      );
      files.push({ key, name: file.fileName, type: 'diskDescriptor', size: 500 });
      files.push({ key: key + 1, name: extent, type: 'diskExtent', size: file.sizeBytes });
      chain.unshift({ fileKey: [key, key + 1] });
    }
    disks.push({ key: disk.key, chain });
  }
  return { file: files, disk: disks, timestamp: vm.modifiedAt };
}

function snapshotInfo(vm: Vm): object | undefined {
  if (vm.snapshots.length === 0) return undefined;
  const tree = (snapshot: Snapshot): object => ({
    snapshot: snapshot.ref,
    vm: vm.ref,
    name: snapshot.name,
    description: snapshot.description,
    id: snapshot.id,
    createTime: snapshot.createdAt,
    state: 'poweredOff',
    quiesced: snapshot.quiesced,
    childSnapshotList: snapshot.children.map(tree),
    replaySupported: false,
  });
  return { currentSnapshot: vm.currentSnapshot?.ref, rootSnapshotList: vm.snapshots.map(tree) };
}
