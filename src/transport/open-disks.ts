import type { BlockAccess, DiskAccess, VddkAccess } from '#core/disk-access.ts';
import { ColdframeError, toErrorRecord } from '#core/error.ts';
import type { TransportName } from '#core/restore-point.ts';

import { DiskWorker } from './native/disk-worker.ts';
import type { WorkerConnection } from './native/worker-connection.ts';
import type { WorkerDisk } from './native/worker-disk.ts';

/** A hung worker is killed well before the mover is, which then still removes its unfinished archive. */
const workerExitMs = 10_000;

export interface OpenDisksOptions {
  readonly disks: readonly { readonly label: string; readonly access: DiskAccess }[];
  readonly readOnly: boolean;
  readonly vddkStateDir: string;
  readonly workerEnv: Readonly<Record<string, string>>;
  readonly onLog: (line: string) => void;
  /** Ends opening, and kills the worker later. */
  readonly signal: AbortSignal;
}

export interface OpenedDisk {
  readonly label: string;
  readonly disk: WorkerDisk;
  /** Read back from what was opened. */
  readonly transport: TransportName;
  /** Set when that is another than was asked for. */
  readonly note: string | undefined;
}

/**
 * All disks of one order, open in one worker. `close` is the orderly end and throws; disposing
 * without it ends the worker, which VDDK then needs cleaning up after.
 */
export class OpenDisks implements AsyncDisposable {
  readonly #worker: DiskWorker;
  readonly #prepared: WorkerConnection[] = [];
  readonly #connections = new Map<string, WorkerConnection>();
  readonly #opened = new Map<string, OpenedDisk>();

  private constructor(worker: DiskWorker) {
    this.#worker = worker;
  }

  /**
   * Opens every disk, or throws with `details.stage` 'open' and the labels of those that failed,
   * before anything was read or written.
   */
  static async open(options: OpenDisksOptions): Promise<OpenDisks> {
    const vddk = options.disks.find(({ access }) => access.kind === 'vddk')?.access;
    const { vddkStateDir, workerEnv, onLog, signal } = options;
    await using stack = new AsyncDisposableStack();
    const worker = stack.use(
      await DiskWorker.start({
        ...(vddk?.kind === 'vddk' ? { libDir: vddk.libDir } : {}),
        stateDir: vddkStateDir,
        env: workerEnv,
        onLog,
        signal,
        exitMs: workerExitMs,
      }),
    );
    const opening = stack.use(new OpenDisks(worker));
    if (vddk !== undefined) {
      const { version } = await loading(worker.loadLibrary(signal));
      onLog(`VDDK ${version}`);
    }
    await opening.#openAll(options);
    stack.move();
    return opening;
  }

  disk(label: string): OpenedDisk {
    const opened = this.#opened.get(label);
    if (opened === undefined) throw new ColdframeError('internal', `Disk ${label} is not open.`);
    return opened;
  }

  /** Closes disks, then connections, gives migration back, and ends the worker. */
  async close(): Promise<void> {
    for (const { disk } of this.#opened.values()) await disk.close();
    this.#opened.clear();
    for (const connection of this.#connections.values()) await connection.disconnect();
    this.#connections.clear();
    for (const connection of this.#prepared.splice(0)) await connection.endAccess();
    await this.#worker[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Killing is enough for block devices; for VDDK the journal has an entry until a clean end.
    await this.#worker[Symbol.asyncDispose]();
  }

  async #openAll({ disks, readOnly, onLog, signal }: OpenDisksOptions): Promise<void> {
    const failures: { readonly label: string; readonly error: unknown }[] = [];
    for (const { label, access } of disks) {
      try {
        const disk =
          access.kind === 'block'
            ? await this.#openBlock(access, readOnly, signal)
            : await this.#openVddk(access, { readOnly, onLog, signal });
        this.#opened.set(label, describe(label, access, disk));
      } catch (error) {
        signal.throwIfAborted();
        failures.push({ label, error });
      }
    }
    const [first] = failures;
    if (first === undefined) return;
    const labels = failures.map(({ label }) => label);
    throw openFailure(labels, first.error);
  }

  async #openBlock(
    access: BlockAccess,
    readOnly: boolean,
    signal: AbortSignal,
  ): Promise<WorkerDisk> {
    const disk = await this.#worker.openBlock({ path: access.path, readOnly, signal });
    if (disk.info.capacityBytes === access.capacityBytes) return disk;
    await disk.close();
    throw new ColdframeError(
      'disk',
      `${access.path} has ${disk.info.capacityBytes} instead of ${access.capacityBytes} bytes: it is not the disk that was attached.`,
    );
  }

  async #openVddk(
    access: VddkAccess,
    options: Pick<OpenDisksOptions, 'readOnly' | 'onLog' | 'signal'>,
  ): Promise<WorkerDisk> {
    const { readOnly, signal } = options;
    const connection = await this.#connection(access, options);
    return connection.open(access.path, { readOnly, unbuffered: !readOnly, signal });
  }

  /** Disks that are reached the same way share a connection; the transports belong to it. */
  async #connection(
    access: VddkAccess,
    { readOnly, onLog, signal }: Pick<OpenDisksOptions, 'readOnly' | 'onLog' | 'signal'>,
  ): Promise<WorkerConnection> {
    const { kind: _, libDir: __, path: ___, password, accessIdentity, ...shared } = access;
    const key = JSON.stringify(shared);
    const known = this.#connections.get(key);
    if (known !== undefined) return known;
    const connection = await this.#worker.connection({
      ...shared,
      password,
      readOnly,
      ...(accessIdentity === undefined ? {} : { identity: accessIdentity }),
    });
    if (accessIdentity !== undefined && this.#prepared.length === 0) {
      try {
        await connection.prepareForAccess(signal);
        this.#prepared.push(connection);
      } catch (error) {
        // Fewer rights or another licence: the backup works, the VM may merely move meanwhile.
        onLog(`The VM may migrate during the backup: ${toErrorRecord(error).message}`);
      }
    }
    await connection.connect(signal);
    this.#connections.set(key, connection);
    return connection;
  }
}

function describe(label: string, access: DiskAccess, disk: WorkerDisk): OpenedDisk {
  if (access.kind === 'block') return { label, disk, transport: access.transport, note: undefined };
  const transport = transportName(disk.info.transport);
  const asked = access.transports[0];
  const note = transport === asked ? undefined : `${asked} was asked for, VDDK chose ${transport}`;
  return { label, disk, transport, note };
}

function transportName(name: string): TransportName {
  switch (name) {
    case 'hotadd':
    case 'san':
    case 'nbdssl':
    case 'nbd':
    case 'file':
      return name;
    default:
      throw new ColdframeError('disk', `VDDK opened the disk by an unknown transport "${name}".`);
  }
}

/** Nothing was reached yet, so there is nothing of VDDK's to clean up either. */
export async function loading<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw openFailure([], error, { untouched: true });
  }
}

function openFailure(
  labels: readonly string[],
  error: unknown,
  more: { readonly untouched?: true } = {},
): ColdframeError {
  const { code, message, details } = toErrorRecord(error);
  return new ColdframeError(code, message, {
    cause: error,
    details: { ...details, stage: 'open', labels, ...more },
  });
}
