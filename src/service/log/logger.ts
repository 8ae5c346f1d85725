import { createLogger, format, transports, type Logger } from 'winston';

import { toErrorRecord } from '#core/error.ts';

import type { SecretMask } from './secret-mask.ts';

/** syslog priorities, which journald takes from the prefix of a line. */
const priorities: Readonly<Record<string, number>> = { error: 3, warn: 4, info: 6, debug: 7 };

/** Where winston's formats put the finished line. */
const writtenLine = Symbol.for('message');

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface LogFacts {
  readonly runId?: string;
  readonly taskId?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly error?: unknown;
}

/** The service's log: one JSON object a line on `stream`, secrets masked. */
export interface ServiceLog {
  log(level: LogLevel, message: string, facts?: LogFacts): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly journald: boolean;
  readonly mask: SecretMask;
  readonly stream: NodeJS.WritableStream;
}

export function createServiceLog(options: LogOptions): ServiceLog {
  const { level, journald, mask, stream } = options;
  const finished = format.printf((info) => {
    const line = mask.apply(String(info[writtenLine]));
    return journald ? `<${priorities[info.level] ?? 6}>${line}` : line;
  });
  const logger: Logger = createLogger({
    level,
    format: format.combine(format.timestamp(), format.json(), finished),
    transports: [new transports.Stream({ stream, eol: '\n' })],
  });
  return {
    log(lineLevel, message, facts = {}) {
      const { error, details, ...about } = facts;
      logger.log({
        level: lineLevel,
        message,
        ...about,
        ...(details === undefined ? {} : { details: withErrorRecords(details) }),
        ...(error === undefined ? {} : { error: toErrorRecord(error) }),
      });
    },
  };
}

/** JSON shows nothing of an Error's message. */
function withErrorRecords(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      value instanceof Error ? toErrorRecord(value) : value,
    ]),
  );
}
