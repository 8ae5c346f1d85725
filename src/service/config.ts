import { readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';

import { z } from 'zod';

import { ColdframeError } from '#core/error.ts';

const loopback = ['127.0.0.1', '::1', 'localhost'];

const fileSchema = z.strictObject({
  dataDir: z.string().optional(),
  http: z
    .strictObject({
      /** Unix socket; default coldframe.sock in the data folder. */
      socket: z.string().optional(),
      /** TCP is off without a port; 0 takes a free one. */
      port: z.coerce.number().int().min(0).max(65_535).optional(),
      host: z
        .enum(loopback, { error: 'must be a loopback address until the service speaks HTTPS' })
        .default('127.0.0.1'),
    })
    .prefault({}),
  /** The admin page over HTTPS; off without a port. */
  page: z
    .strictObject({
      port: z.coerce.number().int().min(0).max(65_535),
      host: z.string().min(1).default('::'),
    })
    .optional(),
  logLevel: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  /** VMs that are worked on at the same time. */
  tasks: z.coerce.number().int().min(1).max(64).default(2),
  vddkDir: z.string().optional(),
  /** Root below which /sys and /dev are looked up; another one in the lab. */
  sysfsRoot: z.string().default('/'),
  /** Added to the environment of disk workers. */
  workerEnv: z.record(z.string(), z.string()).default({}),
  /** A disk or a repository that moves no byte for so long fails its task. */
  stallSeconds: z.coerce.number().int().min(10).max(86_400).default(600),
  /** Of the appliance's privileged helper. */
  helperSocket: z.string().startsWith('/').default('/run/coldframe-helper.socket'),
  shutdownSeconds: z.coerce.number().positive().max(3600).default(60),
});

export interface ServiceConfig {
  readonly dataDir: string;
  readonly http: { readonly socket: string; readonly host: string; readonly port?: number };
  readonly page?: { readonly host: string; readonly port: number };
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
  readonly tasks: number;
  readonly vddkDir?: string;
  readonly sysfsRoot: string;
  readonly workerEnv: Readonly<Record<string, string>>;
  readonly stallMs: number;
  readonly helperSocket: string;
  readonly shutdownMs: number;
  readonly credentialsDirectory?: string;
  /** journald reads our output: lines carry a priority prefix. */
  readonly journald: boolean;
  /** systemd wants to be told (NOTIFY_SOCKET); the watchdog's period when it has one. */
  readonly systemd?: { readonly watchdogMs?: number };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Options win over the environment, the environment over the file, the file over defaults. */
export function loadConfig(
  options: { readonly configFile?: string; readonly dataDir?: string },
  environment: Environment = process.env,
): ServiceConfig {
  const configFile = options.configFile ?? environment['COLDFRAME_CONFIG'];
  const fromFile = configFile === undefined ? {} : readConfigFile(configFile);
  const parsed = fileSchema.safeParse(merge(fromFile, fromEnvironment(environment)));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new ColdframeError(
      'invalid-input',
      `The setting "${issue.path.join('.')}"${configFile === undefined ? '' : ` (file ${configFile} or environment)`} is wrong: ${issue.message}.`,
      { cause: parsed.error },
    );
  }
  const { data } = parsed;
  const dataDir = resolve(options.dataDir ?? data.dataDir ?? '/var/lib/coldframe');
  if (!isAbsolute(data.sysfsRoot))
    throw new ColdframeError('invalid-input', 'The setting "sysfsRoot" must be an absolute path.');
  return {
    dataDir,
    http: {
      socket: data.http.socket ?? join(dataDir, 'coldframe.sock'),
      host: data.http.host,
      ...(data.http.port === undefined ? {} : { port: data.http.port }),
    },
    ...(data.page === undefined ? {} : { page: data.page }),
    logLevel: data.logLevel,
    tasks: data.tasks,
    ...(data.vddkDir === undefined ? {} : { vddkDir: resolve(data.vddkDir) }),
    sysfsRoot: data.sysfsRoot,
    workerEnv: data.workerEnv,
    stallMs: data.stallSeconds * 1000,
    helperSocket: data.helperSocket,
    shutdownMs: data.shutdownSeconds * 1000,
    ...ofSystemd(environment),
  };
}

function ofSystemd(
  environment: Environment,
): Pick<ServiceConfig, 'credentialsDirectory' | 'journald' | 'systemd'> {
  const credentialsDirectory = environment['CREDENTIALS_DIRECTORY'];
  const watchdogUs = Number(environment['WATCHDOG_USEC'] ?? 0);
  return {
    journald: environment['JOURNAL_STREAM'] !== undefined,
    ...(credentialsDirectory === undefined ? {} : { credentialsDirectory }),
    ...(environment['NOTIFY_SOCKET'] === undefined
      ? {}
      : { systemd: watchdogUs > 0 ? { watchdogMs: watchdogUs / 1000 } : {} }),
  };
}

function fromEnvironment(environment: Environment): Record<string, unknown> {
  const http = defined({
    socket: environment['COLDFRAME_HTTP_SOCKET'],
    host: environment['COLDFRAME_HTTP_HOST'],
    port: environment['COLDFRAME_HTTP_PORT'],
  });
  const page = defined({
    port: environment['COLDFRAME_PAGE_PORT'],
    host: environment['COLDFRAME_PAGE_HOST'],
  });
  return defined({
    ...(Object.keys(page).length === 0 ? {} : { page }),
    dataDir: environment['COLDFRAME_DATA_DIR'],
    http,
    logLevel: environment['COLDFRAME_LOG_LEVEL'],
    tasks: environment['COLDFRAME_TASKS'],
    vddkDir: environment['COLDFRAME_VDDK_DIR'],
    sysfsRoot: environment['COLDFRAME_SYSFS_ROOT'],
    shutdownSeconds: environment['COLDFRAME_SHUTDOWN_SECONDS'],
  });
}

function merge(
  file: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const http = { ...asObject(file['http']), ...asObject(environment['http']) };
  return { ...file, ...environment, http };
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function readConfigFile(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ColdframeError('invalid-input', `The configuration file ${path} cannot be read.`, {
      cause: error,
    });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    throw new ColdframeError(
      'invalid-input',
      `The configuration file ${path} is not JSON: ${error instanceof Error ? error.message : ''}`,
      { cause: error },
    );
  }
  throw new ColdframeError(
    'invalid-input',
    `The configuration file ${path} must hold one JSON object.`,
  );
}
