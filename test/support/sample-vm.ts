import type { VmDetails, VmDisk } from '#core/vm.ts';

/** A tracked thin disk on scsi0; override what the test is about. */
export function sampleDisk(overrides: Partial<VmDisk> = {}): VmDisk {
  return {
    key: 2000,
    label: 'Hard disk 1',
    capacityBytes: 16 * 1024 ** 3,
    uuid: '6000C290-0000-0000-0000-000000000001',
    backing: {
      kind: 'flat',
      fileName: '[ds1] demo-app/demo-app.vmdk',
      datastoreMoref: 'datastore-1',
      mode: 'persistent',
      thin: true,
      eagerlyScrub: false,
      sharing: false,
      parents: [],
    },
    controller: { kind: 'pvscsi', key: 1000, bus: 0, unit: 0, sharedBus: false },
    changeId: '52 12 c4/9',
    ...overrides,
  };
}

/** A healthy running VM with one disk. */
export function sampleVm(overrides: Partial<VmDetails> = {}): VmDetails {
  return {
    identity: {
      endpointUuid: '0aa0a9a2-0000-4000-8000-000000000001',
      instanceUuid: '5000a9a2-0000-4000-8000-000000000001',
      biosUuid: '4200a9a2-0000-4000-8000-000000000001',
      moref: 'vm-42',
      name: 'demo-app',
    },
    powerState: 'poweredOn',
    connectionState: 'connected',
    template: false,
    hostMoref: 'host-1',
    datacenterMoref: 'datacenter-1',
    datastoreMorefs: ['datastore-1'],
    hardwareVersion: 19,
    changeTrackingSupported: true,
    changeTrackingEnabled: true,
    snapshotsSupported: true,
    toolsRunning: true,
    consolidationNeeded: false,
    question: undefined,
    faultToleranceOn: false,
    encrypted: false,
    snapshots: [],
    disks: [sampleDisk()],
    extraConfig: new Map(),
    ...overrides,
  };
}
