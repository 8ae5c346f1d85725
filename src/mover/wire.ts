import { z } from 'zod';

import type { DiskAccess } from '#core/disk-access.ts';
import { ColdframeError } from '#core/error.ts';
import type { MoverEvent, MoverOrder } from '#core/mover-orders.ts';
import { Secret } from '#core/secret.ts';

/**
 * Messages between parent and child, over Node's IPC channel with structured clones: typed
 * arrays and buffers cross as they are. A Secret would lose its value on the way, so
 * passwords are unwrapped here and wrapped again on arrival.
 */

/** What a mover is told beside its order. */
export interface MoverSettings {
  /** Private folder for VDDK's configuration and crash state; the same for every mover. */
  readonly vddkStateDir: string;
  /** Added to the disk worker's environment. */
  readonly workerEnv: Readonly<Record<string, string>>;
  /** On a disk with room for 44 bytes a MiB of disk; default the system's folder for temporary files. */
  readonly spoolDir?: string;
  /** Open encrypted archives; only movers that read archives are told. */
  readonly identities?: readonly Secret[];
  /** Signs the seals of new archives; PKCS #8 in PEM. */
  readonly signingKey?: Secret;
}

export interface StartMessage {
  readonly order: MoverOrder;
  readonly settings: MoverSettings;
}

const bytes = z.number().int().nonnegative();
const secret = z.string().transform((value) => new Secret(value));
const extents = z.instanceof(Float64Array);

const vddkAccess = z.strictObject({
  kind: z.literal('vddk'),
  libDir: z.string().startsWith('/'),
  server: z.string().min(1),
  port: z.number().int().min(1).max(65535),
  thumbprint: z.string().regex(/^([0-9A-F]{2}:){19}[0-9A-F]{2}$/),
  user: z.string(),
  password: secret,
  vmMoref: z.string().min(1),
  snapshotMoref: z.string().min(1).optional(),
  path: z.string(),
  transports: z.array(z.enum(['hotadd', 'san', 'nbdssl', 'nbd', 'file'])).min(1),
  accessIdentity: z.string().min(1).max(50).optional(),
});

const access = z.discriminatedUnion('kind', [
  vddkAccess,
  z.strictObject({
    kind: z.literal('block'),
    path: z.string().startsWith('/'),
    transport: z.enum(['hotadd', 'file']),
    capacityBytes: bytes,
  }),
]);

const repository = z.strictObject({
  root: z.string().startsWith('/'),
  repositoryId: z.string().min(1),
});
const archive = z.strictObject({ repository, path: z.string().min(1) });

// Made by the engine and checked in full by the archive room when it is written.
const header = z.looseObject({ formatVersion: z.literal(1), id: z.string().min(1) });
const compressLevel = z.number().int().min(1).max(19);
const encryptTo = z.array(z.string()).min(1).optional();
const sums = z.boolean().optional();

const backup = z.strictObject({
  kind: z.literal('backup'),
  repository,
  path: z.string().min(1),
  header,
  members: z.array(z.strictObject({ name: z.string(), data: z.instanceof(Uint8Array) })),
  disks: z.array(
    z.strictObject({
      label: z.string(),
      access,
      extents,
      useAllocated: z.boolean(),
      audit: extents.optional(),
    }),
  ),
  auditAgainst: z.array(archive).min(1).optional(),
  compressLevel,
  encryptTo,
  sums,
});

const restore = z.strictObject({
  kind: z.literal('restore'),
  chain: z.array(archive).min(1),
  disks: z.array(
    z.strictObject({
      label: z.string(),
      access,
      targetIsZero: z.boolean(),
      only: extents.optional(),
      skipSame: z.boolean().optional(),
    }),
  ),
  readBack: z.enum(['full', 'sampled', 'off']),
  changedIn: z.array(archive).optional(),
});

const position = z.strictObject({ label: z.string(), chunk: z.number().int().nonnegative() });
const verify = z.strictObject({
  kind: z.literal('verify'),
  chain: z.array(archive).min(1),
  part: z.strictObject({ from: position.optional(), mostBytes: bytes }).optional(),
  known: z
    .array(
      z.strictObject({
        path: z.string(),
        member: z.string(),
        ranges: z.array(z.strictObject({ offset: bytes, length: bytes })),
        message: z.string(),
      }),
    )
    .optional(),
});

const start = z.strictObject({
  order: z.discriminatedUnion('kind', [
    backup,
    restore,
    verify,
    z.strictObject({
      kind: z.literal('synthesize'),
      chain: z.array(archive).min(1),
      repository,
      path: z.string().min(1),
      header,
      compressLevel,
      encryptTo,
      sums,
    }),
    z.strictObject({
      kind: z.literal('vddk-prepare'),
      access: vddkAccess,
      identity: z.string().min(1).max(50),
    }),
    z.strictObject({
      kind: z.literal('vddk-cleanup'),
      access: vddkAccess,
      endAccessIdentity: z.string().optional(),
    }),
  ]),
  settings: z.strictObject({
    vddkStateDir: z.string().startsWith('/'),
    workerEnv: z.record(z.string(), z.string()),
    spoolDir: z.string().startsWith('/').optional(),
    identities: z.array(secret).optional(),
    signingKey: secret.optional(),
  }),
});

export function packStart(message: StartMessage): object {
  const { identities, signingKey, ...settings } = message.settings;
  return {
    order: unwrapSecrets(message.order),
    settings: {
      ...settings,
      ...(identities && { identities: identities.map((each) => each.reveal()) }),
      ...(signingKey && { signingKey: signingKey.reveal() }),
    },
  };
}

export function unpackStart(message: unknown): StartMessage {
  const parsed = start.safeParse(message);
  if (!parsed.success)
    throw new ColdframeError('internal', 'The mover was given an order that it does not know.', {
      details: { problems: z.prettifyError(parsed.error) },
    });
  return parsed.data as unknown as StartMessage;
}

function unwrapSecrets(order: MoverOrder): object {
  switch (order.kind) {
    case 'backup':
    case 'restore':
      return {
        ...order,
        disks: order.disks.map((disk) => ({ ...disk, access: unwrapAccess(disk.access) })),
      };
    case 'vddk-prepare':
    case 'vddk-cleanup':
      return { ...order, access: unwrapAccess(order.access) };
    case 'verify':
    case 'synthesize':
      return order;
    default:
      return order satisfies never;
  }
}

function unwrapAccess(disk: DiskAccess): object {
  return disk.kind === 'vddk' ? { ...disk, password: disk.password.reveal() } : disk;
}

const record = z.looseObject({ code: z.string(), message: z.string() });
const event = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({ type: z.literal('heartbeat') }),
  z.strictObject({ type: z.literal('progress'), progress: z.looseObject({ label: z.string() }) }),
  z.strictObject({
    type: z.literal('log'),
    level: z.enum(['info', 'warn', 'error']),
    message: z.string(),
  }),
  z.strictObject({ type: z.literal('result'), result: z.looseObject({}) }),
  z.strictObject({ type: z.literal('failed'), error: record }),
]);

/** undefined for anything that is no event of ours. */
export function unpackEvent(message: unknown): MoverEvent | undefined {
  const parsed = event.safeParse(message);
  return parsed.success ? (parsed.data as unknown as MoverEvent) : undefined;
}
