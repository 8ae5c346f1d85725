import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

/**
 * nfs-ganesha on the host's loopback, version 4.0 and 4.1, with one export "/export". Never 4.2: Linux clients that
 * use READ_PLUS read nothing from this server. Needs root, because the server works in its clients' names.
 */
export class NfsServer implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly port: number;
  /** The exported folder. */
  readonly folder: string;

  private constructor(child: ChildProcess, port: number, folder: string) {
    this.#child = child;
    this.port = port;
    this.folder = folder;
  }

  /** `owner` is the number of the user that may write to the export. */
  static async start(work: string, owner: number): Promise<NfsServer> {
    const [folder, state, log] = ['export', 'recovery', 'ganesha.log'].map((name) =>
      join(work, name),
    ) as [string, string, string];
    for (const each of [folder, state]) await mkdir(each, { recursive: true });
    // Before the start: the server remembers owners for a minute.
    await chown(folder, owner, owner);
    const port = await freePort();
    const config = join(work, 'ganesha.conf');
    await writeFile(config, configuration(port, folder, state));
    const words = ['-F', '-f', config, '-L', log, '-p', join(work, 'ganesha.pid')];
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'ganesha.nfsd', ...words], {
      stdio: 'ignore',
    });
    await until('the NFS server', 60_000, async () => {
      if (child.exitCode !== null) throw new Error(await readFile(log, 'utf8'));
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
      return true;
    });
    return new NfsServer(child, port, folder);
  }

  /** It keeps its connections and answers nothing. */
  stall(): void {
    this.#child.kill('SIGSTOP');
  }

  goOn(): void {
    this.#child.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

function configuration(port: number, folder: string, state: string): string {
  return `NFS_CORE_PARAM {
  Bind_addr = 127.0.0.1; NFS_Port = ${port}; Protocols = 4;
  Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false;
}
NFSv4 { Graceless = true; Lease_Lifetime = 60; RecoveryRoot = "${state}"; Minor_Versions = 0,1; }
NFS_KRB5 { Active_krb5 = false; }
EXPORT {
  Export_Id = 1; Path = ${folder}; Pseudo = /export; Access_Type = RW; Squash = No_Root_Squash;
  Transports = TCP; Protocols = 4; SecType = sys; FSAL { Name = VFS; }
}
`;
}
