import { stat } from 'node:fs/promises';
import { DiskFile } from '../disk/disk-file.ts';
import { VimFault } from '../soap/fault.ts';
import type { Ref } from '../soap/values.ts';
import type { VmDisk } from './devices.ts';
import { inSnapshots } from './devices.ts';
import { demandLock } from './locks.ts';
import type { Site } from './site.ts';
import { configInfo } from './vm-config.ts';
import { snapshotObject } from './vm-object.ts';
import type { Snapshot, SnapshotDisk, Vm } from './vm.ts';

type Progress = (percent: number) => void;

export interface SnapshotRequest {
  readonly name: string;
  readonly description: string;
  readonly quiesce: boolean;
}

/** Freezes every disk in snapshots: the current file stays, a new delta takes the writes. */
export async function createSnapshot(site: Site, vm: Vm, request: SnapshotRequest): Promise<Ref> {
  return await vm.diskWork.run(async () => {
    await vm.settleTracking(() => site.newTracker());
    const disks = new Map<number, SnapshotDisk>();
    const frozen = vm.disks.filter(inSnapshots);
    for (const disk of frozen) {
      const position = disk.tracker?.advance();
      const { leaf: file, tracker } = disk;
      disks.set(disk.key, { disk, file, tracker, sequence: position?.sequence ?? 0 });
    }
    const snapshot: Snapshot = {
      ref: site.inventory.nextRef('VirtualMachineSnapshot', 'snapshot'),
      id: vm.nextSnapshotId++,
      name: request.name,
      description: request.description,
      createdAt: new Date().toISOString(),
      quiesced: request.quiesce && vm.power === 'poweredOn' && vm.toolsRunning,
      parent: vm.currentSnapshot,
      children: [],
      config: structuredClone(configInfo(vm)),
      disks,
    };
    for (const disk of frozen) await pushDelta(site, vm, disk);
    await noteBases(disks.values());
    (vm.currentSnapshot?.children ?? vm.snapshots).push(snapshot);
    vm.currentSnapshot = snapshot;
    vm.touch();
    site.inventory.add(snapshotObject(snapshot, vm));
    const files = [...disks].map(([key, { file }]) => ({ key, file }));
    for (const { file } of files) await site.files.freeze(file);
    await site.onSnapshot?.(vm, snapshot.ref, files);
    return snapshot.ref;
  });
}

async function pushDelta(site: Site, vm: Vm, disk: VmDisk): Promise<void> {
  const stem = disk.leaf.fileName.replace(/(-\d{6})?\.vmdk$/, '');
  let fileName: string;
  do fileName = `${stem}-${String(vm.nextDeltaNumber++).padStart(6, '0')}.vmdk`;
  while (site.files.has(fileName));
  const { sizeBytes, uuid } = disk.leaf;
  const delta = await DiskFile.open({
    fileName,
    rawPath: site.hostPath(fileName),
    sizeBytes,
    uuid,
    thin: true,
    eagerlyScrub: false,
    parent: disk.leaf,
  });
  site.files.add(delta);
  disk.leaf = delta;
}

/** Takes snapshots out of the tree, then merges what nobody needs any more. */
export async function removeSnapshots(
  site: Site,
  vm: Vm,
  options: { snapshots: readonly Snapshot[]; consolidate: boolean; progress: Progress },
): Promise<void> {
  await vm.diskWork.run(async () => {
    await vm.settleTracking(() => site.newTracker());
    for (const snapshot of options.snapshots) await demandFittingBases(site, snapshot);
    for (const snapshot of options.snapshots) unlink(site, vm, snapshot);
    vm.touch();
    if (!options.consolidate) {
      vm.consolidationNeeded = redundantFiles(site, vm).length > 0;
      return;
    }
    await mergeRedundant(site, vm, options.progress);
  });
}

/** The vim task behind ConsolidateVMDisks_Task. */
export async function consolidate(site: Site, vm: Vm, progress: Progress): Promise<void> {
  await vm.diskWork.run(async () => {
    await mergeRedundant(site, vm, progress);
  });
}

/** A delta holds the content id of its base. */
async function noteBases(disks: Iterable<SnapshotDisk>): Promise<void> {
  for (const held of disks) held.baseChangedNs = await changedNs(held.file);
}

async function demandFittingBases(site: Site, { disks }: Snapshot): Promise<void> {
  for (const { file, baseChangedNs } of disks.values())
    if (baseChangedNs !== undefined && (await changedNs(file)) !== baseChangedNs)
      site.violations.push(
        `${file.fileName} was written to below a snapshot that was removed without reverting to it`,
      );
}

async function changedNs(file: DiskFile): Promise<bigint | undefined> {
  if (file.parent !== undefined) return undefined;
  return (await stat(file.rawPath, { bigint: true })).mtimeNs;
}

function unlink(site: Site, vm: Vm, snapshot: Snapshot): void {
  const siblings = snapshot.parent?.children ?? vm.snapshots;
  siblings.splice(siblings.indexOf(snapshot), 1, ...snapshot.children);
  for (const child of snapshot.children) child.parent = snapshot.parent;
  if (vm.currentSnapshot === snapshot) vm.currentSnapshot = snapshot.parent;
  site.inventory.remove(snapshot.ref);
}

interface Redundant {
  readonly base: DiskFile;
  readonly delta: DiskFile;
}

/** Files under a disk that no snapshot shows and that have a single child: each can take its child in. */
function redundantFiles(site: Site, vm: Vm): Redundant[] {
  const shown = new Set(vm.allSnapshots().flatMap((s) => [...s.disks.values()].map((d) => d.file)));
  const found: Redundant[] = [];
  for (const disk of vm.disks)
    for (let delta = disk.leaf; delta.parent !== undefined; delta = delta.parent) {
      const base = delta.parent;
      if (!shown.has(base) && site.files.children(base).length === 1) found.push({ base, delta });
    }
  return found;
}

async function mergeRedundant(site: Site, vm: Vm, progress: Progress): Promise<void> {
  for (;;) {
    const next = redundantFiles(site, vm).at(-1);
    if (next === undefined) break;
    try {
      demandLock(site, next.base, { holder: vm, mode: 'write' });
      demandLock(site, next.delta, { holder: vm, mode: 'write' });
    } catch (locked) {
      vm.consolidationNeeded = true;
      throw locked;
    }
    const total = next.delta.sizeBytes;
    await next.delta.mergeIntoParent((done) =>
      progress(Math.min(94, 10 + Math.floor((done / total) * 85))),
    );
    await replaceFile(site, vm, next);
  }
  vm.consolidationNeeded = false;
}

async function replaceFile(site: Site, vm: Vm, { base, delta }: Redundant): Promise<void> {
  for (const disk of vm.disks) if (disk.leaf === delta) disk.leaf = base;
  for (const child of site.files.children(delta)) child.parent = base;
  for (const snapshot of vm.allSnapshots())
    for (const held of snapshot.disks.values())
      if (held.file === delta) {
        held.file = base;
        held.baseChangedNs = undefined;
        snapshot.config = renamedBacking(snapshot.config, {
          from: delta.fileName,
          to: base.fileName,
        });
      }
  await site.files.replace(delta, base);
}

/** The frozen configuration with one file name changed, as consolidation does. */
function renamedBacking(config: object, names: { from: string; to: string }): object {
  return JSON.parse(JSON.stringify(config), (key: string, value: unknown) =>
    key === 'fileName' && value === names.from ? names.to : value,
  ) as object;
}

/** Goes back to a snapshot: its disks get new deltas, the running ends go, tracking begins anew. */
export async function revertTo(site: Site, vm: Vm, snapshot: Snapshot): Promise<void> {
  await vm.diskWork.run(async () => {
    for (const disk of vm.disks) {
      const held = snapshot.disks.get(disk.key);
      if (held === undefined) continue;
      const abandoned = disk.leaf;
      disk.leaf = held.file;
      await pushDelta(site, vm, disk);
      disk.tracker = disk.tracker === undefined ? undefined : site.newTracker();
      if (abandoned !== held.file && site.files.children(abandoned).length === 0)
        await site.files.delete(abandoned);
    }
    await noteBases(snapshot.disks.values());
    vm.currentSnapshot = snapshot;
    vm.power = 'poweredOff';
    vm.touch();
  });
}

export function snapshotOf(site: Site, which: Ref): { vm: Vm; snapshot: Snapshot } {
  for (const vm of site.vms.values()) {
    const snapshot = vm.allSnapshots().find((each) => each.ref.value === which.value);
    if (snapshot !== undefined) return { vm, snapshot };
  }
  throw new VimFault(
    'ManagedObjectNotFound',
    `The object '${which.type}:${which.value}' has already been deleted`,
    {
      obj: which,
    },
  );
}
