import { Random } from '../disk/random.ts';
import type { Vm } from '../model/vm.ts';

export interface GuestWriterOptions {
  readonly bytesPerSecond: number;
  readonly seed: number;
}

const blockBytes = 4096;
const tickMs = 50;

/**
 * Plays a busy guest: overwrites random blocks of the VM's disks at a steady rate. On a file system it only
 * touches the blocks of one file, so that the file system stays whole.
 */
export class GuestWriter {
  readonly #vm: Vm;
  readonly #options: GuestWriterOptions;
  readonly #random: Random;
  #running = true;
  #written = 0;
  readonly #done: Promise<void>;
  #failure: unknown;

  constructor(vm: Vm, options: GuestWriterOptions) {
    this.#vm = vm;
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#done = this.#run();
  }

  /** Stops after the write in progress; returns how many bytes were written in all. */
  async stop(): Promise<number> {
    this.#running = false;
    await this.#done;
    if (this.#failure !== undefined) throw this.#failure;
    return this.#written;
  }

  async #run(): Promise<void> {
    const perTick = Math.max(
      1,
      Math.round((this.#options.bytesPerSecond * tickMs) / 1000 / blockBytes),
    );
    try {
      while (this.#running) {
        for (let i = 0; i < perTick && this.#running; i++) await this.#writeOne();
        await new Promise((resolve) => setTimeout(resolve, tickMs));
      }
    } catch (thrown) {
      this.#failure = thrown;
    }
  }

  async #writeOne(): Promise<void> {
    const disks = this.#vm.disks.filter(
      (disk) => disk.writable === undefined || disk.writable.length > 0,
    );
    const disk = disks[this.#random.below(disks.length)];
    if (disk === undefined || this.#vm.power !== 'poweredOn') return;
    const blocks = Math.floor(disk.leaf.sizeBytes / blockBytes);
    const offset =
      disk.writable?.[this.#random.below(disk.writable.length)] ??
      this.#random.below(blocks) * blockBytes;
    await this.#vm.guestWrite(disk, offset, this.#random.bytes(blockBytes));
    this.#written += blockBytes;
  }
}
