import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

import { createLogger, format, transports } from 'winston';

import type { LogLine } from '#core/api.ts';
import type { Clock } from '#core/clock.ts';

import type { ServiceLog } from './logger.ts';
import type { SecretMask } from './secret-mask.ts';

const ringLines = 500;

export interface RunLogsOptions {
  /** One file a run: `<folder>/<run id>.log`. */
  readonly folder: string;
  readonly service: ServiceLog;
  readonly mask: SecretMask;
  readonly clock: Clock;
  /** Hears every line of every open run log. */
  readonly onLine: (runId: string, line: LogLine) => void;
}

/** The log of one run while it runs. */
export interface RunLog extends AsyncDisposable {
  write(line: {
    readonly level: LogLine['level'];
    readonly message: string;
    readonly taskId?: string;
    readonly details?: Readonly<Record<string, unknown>>;
  }): void;
}

/** Per-run logs that a person can read, beside the service's own log, which gets every line too. */
export class RunLogs {
  readonly #options: RunLogsOptions;
  readonly #recent = new Map<string, LogLine[]>();

  constructor(options: RunLogsOptions) {
    this.#options = options;
  }

  async open(runId: string): Promise<RunLog> {
    const { folder, service, mask, clock, onLine } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const stream = createWriteStream(this.#path(runId), { flags: 'a', mode: 0o600 });
    const logger = createLogger({
      format: format.printf((info) => String(info.message)),
      transports: [new transports.Stream({ stream, eol: '\n' })],
    });
    stream.on('error', (error) =>
      service.log('error', 'The log file of a run cannot be written.', { runId, error }),
    );
    const ring: LogLine[] = [];
    this.#recent.set(runId, ring);
    return {
      write: ({ level, message, taskId, details }) => {
        const about = { runId, ...(taskId === undefined ? {} : { taskId }) };
        service.log(level, message, details === undefined ? about : { ...about, details });
        const line: LogLine = {
          timeMs: clock.now(),
          level,
          ...(taskId === undefined ? {} : { taskId }),
          message: mask.apply(message),
        };
        ring.push(line);
        if (ring.length > ringLines) ring.shift();
        logger.log({ level, message: mask.apply(readable(line, details)) });
        onLine(runId, line);
      },
      [Symbol.asyncDispose]: async () => {
        this.#recent.delete(runId);
        logger.close();
        stream.end();
        // A failed log file has been reported and must not fail the run.
        await finished(stream).catch(() => undefined);
      },
    };
  }

  /** The last lines: from memory while the run is open, else from its file. */
  async lines(runId: string): Promise<readonly LogLine[]> {
    const ring = this.#recent.get(runId);
    if (ring !== undefined) return [...ring];
    const text = await this.whole(runId);
    return text === '' ? [] : text.trimEnd().split('\n').slice(-ringLines).map(parseReadable);
  }

  /** The run's whole file; empty when it was pruned or the run never began. */
  async whole(runId: string): Promise<string> {
    return readFile(this.#path(runId), 'utf8').catch(() => '');
  }

  #path(runId: string): string {
    return join(this.#options.folder, `${runId}.log`);
  }
}

const words = { info: '      ', warn: 'WARN  ', error: 'ERROR ' } as const;

function readable(line: LogLine, details: Readonly<Record<string, unknown>> | undefined): string {
  const time = new Date(line.timeMs).toISOString();
  const facts = details === undefined ? '' : ` ${JSON.stringify(details)}`;
  // One line a message: what a guest or a server put into it must not look like another line.
  const text = `${line.message}${facts}`.replaceAll(/[\r\n]+/g, ' ⏎ ');
  return `${time} ${words[line.level]}${text}`;
}

function parseReadable(text: string): LogLine {
  const timeMs = Date.parse(text.slice(0, 24));
  const word = text.slice(25, 31).trim();
  const level = word === 'WARN' ? 'warn' : word === 'ERROR' ? 'error' : 'info';
  return { timeMs: Number.isNaN(timeMs) ? 0 : timeMs, level, message: text.slice(31) };
}
