import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { productSerial, productUuid } from '#test/lab/model/identifiers.ts';
import { freePort } from './free-port.ts';
import { Qmp } from './qmp.ts';
import { until } from './until.ts';

const run = promisify(execFile);

export interface MachineOptions {
  /** Sockets and the serial log go here. */
  readonly folder: string;
  readonly name: string;
  /** qcow2 files in the order of their unit numbers on controller 0. */
  readonly disks: readonly string[];
  /** Disc in the drive. */
  readonly iso?: string;
  readonly sshKey: string;
  /** Identity of the VM in vSphere's order; QEMU's own when absent. */
  readonly uuid?: string;
  /** Plugs devices in before the firmware starts. */
  readonly beforePowerOn?: (qmp: Qmp) => Promise<void>;
}

export const guestMac = '52:54:00:c0:1d:0f';

/**
 * The appliance in QEMU with the controllers and the network adapter that the OVF
 * describes. Always software emulation: a KVM device that opens need not work.
 */
export class Machine implements AsyncDisposable {
  readonly #options: MachineOptions;
  readonly #child: ChildProcess;
  readonly #sshPort: number;
  /** On the loopback of the host; leads to the admin page. */
  readonly pagePort: number;
  readonly qmp: Qmp;

  private constructor(
    options: MachineOptions,
    running: {
      readonly child: ChildProcess;
      readonly qmp: Qmp;
      readonly ports: readonly [number, number];
    },
  ) {
    this.#options = options;
    this.#child = running.child;
    [this.#sshPort, this.pagePort] = running.ports;
    this.qmp = running.qmp;
  }

  static async start(options: MachineOptions): Promise<Machine> {
    const { folder, name, disks, iso, uuid } = options;
    const ports = [await freePort(), await freePort()] as const;
    const socket = join(folder, `${name}.qmp`);
    const drives = disks.flatMap((file, unit) => [
      '-blockdev',
      `driver=qcow2,node-name=disk${unit},file.driver=file,file.filename=${file},discard=unmap`,
      '-device',
      `scsi-hd,bus=scsi0.0,scsi-id=${unit},drive=disk${unit},bootindex=${unit + 1}`,
    ]);
    const words = [
      ['-name', name],
      ['-machine', 'pc'],
      ['-accel', 'tcg,thread=multi'],
      ['-cpu', 'qemu64'],
      ['-smp', '2'],
      ['-m', '1536'],
      ['-display', 'none'],
      ['-monitor', 'none'],
      [
        '-chardev',
        `socket,id=serial,path=${join(folder, `${name}.tty`)},server=on,wait=off,logfile=${join(folder, `${name}.serial`)}`,
      ],
      ['-serial', 'chardev:serial'],
      ['-qmp', `unix:${socket},server=on,wait=off`],
      // Powered on by `cont`.
      ['-S'],
      uuid === undefined
        ? []
        : ['-uuid', productUuid(uuid), '-smbios', `type=1,serial=${productSerial(uuid)}`],
      ...[0, 1, 2, 3].map((bus) => ['-device', `pvscsi,id=scsi${bus}`]),
      [
        '-netdev',
        `user,id=net0,hostfwd=tcp:127.0.0.1:${ports[0]}-:22,hostfwd=tcp:127.0.0.1:${ports[1]}-:443`,
      ],
      ['-device', `vmxnet3,netdev=net0,mac=${guestMac},romfile=`],
      drives,
      iso === undefined ? [] : ['-drive', `if=ide,media=cdrom,readonly=on,file=${iso}`],
    ];
    // A test that is killed takes its machine along.
    const guarded = ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...words.flat()];
    const child = spawn('setpriv', guarded, { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaints = '';
    child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    const qmp = await until('the QMP socket', 30_000, async () => {
      if (child.exitCode !== null) throw new Error(`QEMU ended: ${complaints}`);
      return Qmp.connect(socket);
    });
    const machine = new Machine(options, { child, qmp, ports });
    await options.beforePowerOn?.(qmp);
    await qmp.execute('cont');
    return machine;
  }

  /** Runs a shell command as the user admin; `sudo` is there. Output without trailing space. */
  async shell(command: string, timeoutMs = 60_000): Promise<string> {
    const sshOptions = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'LogLevel=ERROR',
      'BatchMode=yes',
      'ConnectTimeout=10',
      'IdentitiesOnly=yes',
    ].flatMap((option) => ['-o', option]);
    const where = ['-i', this.#options.sshKey, '-p', String(this.#sshPort), 'admin@127.0.0.1'];
    const { stdout } = await run('ssh', [...sshOptions, ...where, command], {
      timeout: timeoutMs,
      maxBuffer: 2 ** 26,
    });
    return stdout.trimEnd();
  }

  /** Waits until SSH answers and systemd has nothing left to start; returns the units that failed. */
  async booted(limitMs: number): Promise<readonly string[]> {
    try {
      await until('SSH', limitMs, () => this.shell('true').then(() => true));
      await this.shell('systemctl is-system-running --wait || true', limitMs);
      const failed = await this.shell('systemctl list-units --failed --plain --no-legend');
      return failed.split('\n').flatMap((line) => line.split(' ')[0] || []);
    } catch (error) {
      throw new Error(`did not boot; the end of its serial line:\n${await this.serialTail()}`, {
        cause: error,
      });
    }
  }

  /** Socket of its serial line. */
  get serialLine(): string {
    return join(this.#options.folder, `${this.#options.name}.tty`);
  }

  async serialTail(): Promise<string> {
    const text = await readFile(join(this.#options.folder, `${this.#options.name}.serial`), 'utf8');
    return text.slice(-3000);
  }

  /** One command of QEMU's monitor for people; returns what it says. */
  async monitor(command: string): Promise<string> {
    const answer = await this.qmp.execute('human-monitor-command', { 'command-line': command });
    return String(answer).trim();
  }

  async powerOff(limitMs: number): Promise<void> {
    await this.shell('sudo systemctl poweroff').catch(() => undefined);
    await until('power off', limitMs, async () =>
      this.#child.exitCode === null ? undefined : true,
    );
  }

  /** Pulls the plug if it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.qmp[Symbol.dispose]();
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
