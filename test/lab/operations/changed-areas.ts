import { allocatedBlocks } from '../disk/allocated.ts';
import type { BlockMap } from '../disk/block-map.ts';
import { parseChangeId } from '../disk/change-tracker.ts';
import type { ChangeTracker } from '../disk/change-tracker.ts';
import type { DiskFile } from '../disk/disk-file.ts';
import { vmOf } from '../model/reconfigure.ts';
import { snapshotOf } from '../model/snapshots.ts';
import type { Vm } from '../model/vm.ts';
import { fileFault, invalidArgument } from '../soap/fault.ts';
import type { Ref } from '../soap/values.ts';
import type { Call, Handler } from './call.ts';

/** What QueryChangedDiskAreas is asked about: a disk at one moment. */
interface Moment {
  readonly file: DiskFile;
  readonly tracker: ChangeTracker | undefined;
  /** The disk's tracker of today: another one means that tracking began anew. */
  readonly running: ChangeTracker | undefined;
  readonly sequence: number;
  readonly datastore: Ref;
}

export const changedAreasHandlers: Readonly<Record<string, Handler>> = {
  QueryChangedDiskAreas: async (call) => {
    const vm = vmOf(call.site, call.target);
    call.privileges.demand('VirtualMachine.Provisioning.DiskRandomRead', vm.ref);
    const { startOffset, changeId } = call.parameters as { startOffset: number; changeId: string };
    const moment = momentOf(call, vm);
    if (startOffset < 0 || startOffset >= moment.file.sizeBytes)
      throw invalidArgument('startOffset');
    if (changeId === '*' && isNfs(call, moment)) return oneArea(startOffset, moment.file.sizeBytes);
    const blocks = changeId === '*' ? await allocated(moment) : changed(moment, changeId);
    return page(call, blocks, { from: startOffset, capacity: moment.file.sizeBytes });
  },
};

function momentOf(call: Call, vm: Vm): Moment {
  const { deviceKey, snapshot } = call.parameters as { deviceKey: number; snapshot?: Ref };
  const disk = vm.disk(deviceKey);
  if (snapshot === undefined) {
    if (disk === undefined) throw invalidArgument('deviceKey');
    if (vm.power !== 'poweredOff') throw invalidArgument('snapshot');
    const { leaf: file, tracker, datastore } = disk;
    return { file, tracker, running: tracker, sequence: tracker?.current.sequence ?? 0, datastore };
  }
  const of = snapshotOf(call.site, snapshot);
  const held = of.snapshot.disks.get(deviceKey);
  if (of.vm !== vm) throw invalidArgument('snapshot');
  if (held === undefined) throw invalidArgument('deviceKey');
  return { ...held, running: disk?.tracker, datastore: held.disk.datastore };
}

function isNfs(call: Call, moment: Moment): boolean {
  return [...call.site.datastores.values()].some(
    (each) => each.ref.value === moment.datastore.value && each.type === 'NFS',
  );
}

/** Storage that cannot tell what is in use answers with everything. */
function oneArea(start: number, capacity: number): object {
  const length = capacity - start;
  return { startOffset: start, length, changedArea: [{ start, length }] };
}

async function allocated(moment: Moment): Promise<BlockMap> {
  if (moment.tracker === undefined) throw notTracked(moment);
  return await allocatedBlocks(moment.file);
}

function changed(moment: Moment, changeId: string): BlockMap {
  const since = parseChangeId(changeId);
  if (since === undefined) throw invalidArgument('changeId');
  const { tracker } = moment;
  if (tracker === undefined || tracker !== moment.running || since.uuid !== tracker.uuid)
    throw notTracked(moment);
  const blocks = tracker.changedBetween(since.sequence, moment.sequence);
  if (blocks === undefined) throw invalidArgument('changeId');
  return blocks;
}

function notTracked(moment: Moment): Error {
  return fileFault(
    'FileFault',
    `Error caused by file ${moment.file.fileName}`,
    moment.file.fileName,
  );
}

/** One answer covers a window of the disk and a number of areas, whichever ends first. */
function page(call: Call, blocks: BlockMap, at: { from: number; capacity: number }): object {
  const { perAnswer, windowBytes } = call.changedAreas;
  const window = Math.max(windowBytes, Math.ceil(at.capacity / 8 / 65_536) * 65_536);
  const end = Math.min(at.from + window, at.capacity);
  const areas: { start: number; length: number }[] = [];
  let covered = end;
  for (const { offset, length } of blocks.ranges(at.from, end)) {
    if (areas.length === perAnswer) {
      covered = offset;
      break;
    }
    areas.push({ start: offset, length });
  }
  return { startOffset: at.from, length: covered - at.from, changedArea: areas };
}
