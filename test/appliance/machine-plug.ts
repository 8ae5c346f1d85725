import type { DeviceAppearance, DevicePlug, PluggedDisk } from '#test/lab/model/device-plug.ts';
import { pluggedDisks } from '#test/lab/model/device-plug.ts';
import type { Site } from '#test/lab/model/site.ts';
import type { Qmp } from './qmp.ts';
import { plugIn, pullOut } from './scsi-disk.ts';

interface RunningMachine {
  readonly qmp: Qmp;
  /** Slot to QEMU's name for the device. */
  readonly present: Map<string, string>;
}

/**
 * Makes what the lab's vCenter attaches to the appliance VM appear in a machine of QEMU: hot-plugged
 * while it runs, there from the start when it is powered on. The machine's own disks are left alone.
 */
export class MachinePlug implements DevicePlug {
  #site: Site | undefined;
  #machine: RunningMachine | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #count = 0;
  /** For disks plugged from now on. */
  readBytesPerSecond: number | undefined;

  /** For the lab's option `plug`. */
  readonly into = (site: Site): DevicePlug => {
    this.#site = site;
    return this;
  };

  /** Other VMs' disks that the machine has now. */
  get present(): number {
    return this.#machine?.present.size ?? 0;
  }

  /** Disks plugged into any machine so far. */
  get plugged(): number {
    return this.#count;
  }

  get appearance(): DeviceAppearance {
    return 'auto';
  }

  set appearance(mode: DeviceAppearance) {
    if (mode !== 'auto') throw new Error('a real machine sees its disks by itself');
  }

  async powerOn(qmp: Qmp): Promise<void> {
    this.#machine = { qmp, present: new Map() };
    await this.sync();
  }

  /** The machine is about to lose its power, and with it every device. */
  powerOff(): void {
    this.#machine = undefined;
  }

  sync(): Promise<void> {
    const mine = this.#turn.then(() => this.#follow());
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #follow(): Promise<void> {
    const machine = this.#machine;
    if (machine === undefined || this.#site === undefined) return;
    const { qmp, present } = machine;
    const others = pluggedDisks(this.#site).filter(({ owned }) => !owned);
    const wanted = new Map(others.map((disk) => [slotOf(disk), disk]));
    try {
      for (const [slot, id] of present)
        if (!wanted.has(slot)) {
          await pullOut(qmp, id);
          present.delete(slot);
        }
      for (const [slot, disk] of wanted)
        if (!present.has(slot)) {
          const id = `hot${++this.#count}`;
          await this.#plugIn(qmp, id, disk);
          present.set(slot, id);
        }
    } catch (error) {
      // A machine without power has nothing to say against a change of its configuration.
      if (this.#machine === machine) throw error;
    }
  }

  async #plugIn(qmp: Qmp, id: string, disk: PluggedDisk): Promise<void> {
    const { raw, bus, unit, uuid, frozen } = disk;
    const slow = this.readBytesPerSecond;
    await plugIn(qmp, {
      id,
      raw,
      bus,
      unit,
      uuid,
      readOnly: frozen,
      ...(slow === undefined ? {} : { readBytesPerSecond: slow }),
    });
  }

  [Symbol.dispose](): void {
    this.powerOff();
  }
}

function slotOf({ bus, unit, fileName }: PluggedDisk): string {
  return `${bus}:${unit} ${fileName}`;
}
