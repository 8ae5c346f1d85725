import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import notify from 'systemd-notify';

import type { ServiceLog } from './log/logger.ts';

const run = promisify(execFile);

export interface Systemd extends Disposable {
  ready(status: string): Promise<void>;
  status(text: string): Promise<void>;
  stopping(): Promise<void>;
}

export interface SystemdOptions {
  /** Half of it is how often we say that we are alive; absent = no watchdog. */
  readonly watchdogMs?: number;
  /** Says no, and systemd restarts us when the watchdog's time is over. */
  readonly healthy: () => Promise<boolean>;
  readonly log: ServiceLog;
}

/** Outside systemd: says nothing to nobody. */
export const noSystemd: Systemd = {
  ready: async () => {},
  status: async () => {},
  stopping: async () => {},
  [Symbol.dispose]: () => {},
};

/** Tells the service manager how we are. A failure to tell is logged and changes nothing. */
export function connectSystemd(options: SystemdOptions): Systemd {
  const { watchdogMs, healthy, log } = options;
  const quietly = async (what: string, tell: () => Promise<unknown>): Promise<void> => {
    try {
      await tell();
    } catch (error) {
      log.log('warn', `systemd could not be told "${what}".`, { error });
    }
  };
  // The package knows READY and STATUS; the same program tells the other words.
  const tell = (word: string) => quietly(word, () => run('systemd-notify', [word]));
  const feed = async (): Promise<void> => {
    if (await healthy().catch(() => false)) await tell('WATCHDOG=1');
    else log.log('error', 'Not healthy: the watchdog is not fed.');
  };
  const timer =
    watchdogMs === undefined ? undefined : setInterval(() => void feed(), watchdogMs / 2).unref();
  return {
    ready: (status) => quietly('ready', () => notify({ ready: true, status })),
    status: (status) => quietly('status', () => notify({ status })),
    stopping: () => tell('STOPPING=1'),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
