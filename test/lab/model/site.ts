import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ChangeTracker } from '../disk/change-tracker.ts';
import type { DiskFile } from '../disk/disk-file.ts';
import { Random } from '../disk/random.ts';
import type { Ref } from '../soap/values.ts';
import { FileTable } from './file-table.ts';
import { makeChangeUuid } from './identifiers.ts';
import { Inventory } from './inventory.ts';
import { TaskTable } from './vim-task.ts';
import type { Vm } from './vm.ts';

export interface SiteOptions {
  /** Root of everything that the lab writes. */
  readonly dir: string;
  readonly seed: number;
  /** How long a vim task takes at least. */
  readonly taskMs: number;
  /** Block size of change tracking. */
  readonly trackingGrainBytes: number;
}

export interface DatastoreModel {
  readonly ref: Ref;
  readonly name: string;
  readonly type: 'VMFS' | 'NFS';
  readonly capacityBytes: number;
  readonly quirks: DatastoreQuirks;
}

/** States of a datastore that preflight has to notice; set by the control API. */
export interface DatastoreQuirks {
  freeBytes?: number;
  accessible?: boolean;
  maintenanceMode?: 'normal' | 'inMaintenance';
}

/** Called with every VM file freeze; for keeping a copy of what a snapshot held. */
export type OnSnapshot = (
  vm: Vm,
  snapshot: Ref,
  disks: readonly { key: number; file: DiskFile }[],
) => Promise<void>;

/** The whole simulated site: inventory, files, VMs, vim tasks. */
export class Site {
  readonly options: SiteOptions;
  readonly inventory = new Inventory();
  readonly random: Random;
  readonly tasks: TaskTable;
  readonly files: FileTable;
  readonly datastores = new Map<string, DatastoreModel>();
  readonly vms = new Map<string, Vm>();
  /** VMs whose files lie on a datastore without being in the inventory, by .vmx path. */
  readonly unregistered = new Map<string, Vm>();
  readonly customFields = new Map<number, { name: string; moType: string | undefined }>();
  /** The VM that the product under test runs in. */
  appliance: Vm | undefined;
  /** Wrongs that the product did to disks that are not its own. */
  readonly violations: string[] = [];
  /** Runs after every effect, before a vim task is seen to succeed. */
  readonly settlers: (() => Promise<void>)[] = [];
  onSnapshot: OnSnapshot | undefined;

  constructor(options: SiteOptions) {
    this.options = options;
    this.random = new Random(options.seed);
    this.tasks = new TaskTable(this.inventory, options.taskMs);
    this.files = new FileTable(path.join(options.dir, 'frozen'));
  }

  /** Host path of a datastore file: datastores/<ds>/<folder>/<name>. */
  hostPath(fileName: string): string {
    const { datastore, path: inside } = splitDatastorePath(fileName);
    return path.join(this.options.dir, 'datastores', datastore, inside);
  }

  async makeFolder(datastore: string, folder: string): Promise<void> {
    await mkdir(path.join(this.options.dir, 'datastores', datastore, folder), { recursive: true });
  }

  newTracker(): ChangeTracker {
    return new ChangeTracker(makeChangeUuid(this.random), this.options.trackingGrainBytes);
  }

  /** Brings what other programs see (VDDK map, appliance devices) up to date, then wakes the waiters. */
  async settle(): Promise<void> {
    for (const settler of this.settlers) await settler();
    this.inventory.changed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tasks[Symbol.asyncDispose]();
    await this.files[Symbol.asyncDispose]();
  }
}

export function splitDatastorePath(fileName: string): { datastore: string; path: string } {
  const match = /^\[([^\]/]+)\]\s*(.*)$/.exec(fileName);
  if (match === null || match[2]!.split('/').includes('..'))
    throw new Error(`${fileName} is not a datastore path`);
  return { datastore: match[1]!, path: match[2]! };
}
