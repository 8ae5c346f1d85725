import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { VddkAccess } from '#core/disk-access.ts';
import { Secret } from '#core/secret.ts';
import { createMover, type Mover } from '#mover/parent.ts';

/** Figures of the stand-in's only server; see native/lab/lab_map.cc for the file's format. */
export const server = {
  host: '127.0.0.1',
  port: 443,
  thumbprint: Array.from({ length: 20 }, () => 'AB').join(':'),
  user: 'bench',
  password: 'bench',
};
export const vm = 'vm-1';
export const snapshot = 'snapshot-1';

export interface StandIn {
  readonly mover: Mover;
  readonly workerEnv: Readonly<Record<string, string>>;
  /** Reading a snapshot's disk, or writing to the disk of a powered-off VM. */
  access(path: string, use: 'read' | 'write'): VddkAccess;
}

/** The stand-in library serving `files` as the disks of one VM, and a mover that uses it. */
export function standIn(options: {
  readonly libDir: string;
  readonly dir: string;
  readonly files: readonly string[];
  readonly latencyMs?: number;
}): StandIn {
  const map = standInMap(options.dir, options.files);
  const workerEnv = {
    COLDFRAME_LAB_VDDK_MAP: map,
    ...(options.latencyMs === undefined
      ? {}
      : { COLDFRAME_LAB_VDDK_LATENCY_MS: String(options.latencyMs) }),
  };
  const clock = { now: () => Date.now(), sleep: () => Promise.reject(new Error('not used')) };
  return {
    workerEnv,
    mover: createMover({ clock, settings: { vddkStateDir: join(options.dir, 'vddk'), workerEnv } }),
    access: (path, use) => ({
      kind: 'vddk',
      libDir: options.libDir,
      server: server.host,
      port: server.port,
      thumbprint: server.thumbprint,
      user: server.user,
      password: new Secret(server.password),
      vmMoref: vm,
      ...(use === 'read' ? { snapshotMoref: snapshot } : {}),
      path: vmdkName(path),
      transports: ['nbdssl'],
    }),
  };
}

/** Writes what the stand-in library serves, read-only by the snapshot and writable without, into `dir`; returns the file's path. */
export function standInMap(dir: string, files: readonly string[]): string {
  mkdirSync(dir, { recursive: true });
  const map = join(dir, 'vddk.map');
  const row = (file: string, point: string, mode: string): string =>
    ['disk', vm, point, vmdkName(file), file, 'hotadd:nbdssl:nbd', '', mode].join('\t');
  const lines = [
    ['server', server.host, server.port, server.thumbprint, server.user, server.password].join(
      '\t',
    ),
    ...files.flatMap((file) => [row(file, snapshot, 'ro'), row(file, '-', 'rw')]),
  ];
  writeFileSync(map, `${lines.join('\n')}\n`);
  return map;
}

export function vmdkName(file: string): string {
  return `[bench] vm/${file.replaceAll('/', '_')}.vmdk`;
}
