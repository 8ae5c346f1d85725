import { z } from 'zod';

import type { JournalEntry } from '#core/journal.ts';

const common = {
  id: z.string(),
  taskId: z.string(),
  endpointId: z.string(),
  marker: z.string(),
  state: z.enum(['intended', 'done', 'undone']),
  createdAtMs: z.number().int(),
  updatedAtMs: z.number().int(),
  lastFailure: z.string().exactOptional(),
};

const vmMoref = z.string();
const vmInstanceUuid = z.string().exactOptional();
const snapshot = z.looseObject({
  vmMoref,
  vmInstanceUuid,
  snapshotName: z.string(),
});
const path = z.looseObject({ path: z.string() });

/** Details are loose: an entry of a slightly newer version must still be undone, not refused. */
export const journalEntrySchema: z.ZodType<JournalEntry> = z.discriminatedUnion('kind', [
  z.object({ ...common, kind: z.literal('snapshot'), detail: snapshot }),
  z.object({
    ...common,
    kind: z.literal('attach'),
    detail: z.looseObject({
      applianceMoref: z.string(),
      vmMoref,
      files: z.array(z.string()),
      deviceKeys: z.array(z.number().int()).exactOptional(),
    }),
  }),
  z.object({
    ...common,
    kind: z.literal('disable-migration'),
    detail: z.looseObject({ vmMoref, identity: z.string() }),
  }),
  z.object({ ...common, kind: z.literal('vddk-access'), detail: z.looseObject({ vmMoref }) }),
  z.object({
    ...common,
    kind: z.literal('created-vm'),
    detail: z.looseObject({ name: z.string(), folderPath: z.string() }),
  }),
  z.object({ ...common, kind: z.literal('restore-snapshot'), detail: snapshot }),
  z.object({
    ...common,
    kind: z.literal('power-off'),
    detail: z.looseObject({ vmMoref, vmInstanceUuid, powerOnAgain: z.boolean() }),
  }),
  z.object({
    ...common,
    kind: z.literal('in-place-restore'),
    detail: z.looseObject({
      vmMoref,
      vmInstanceUuid,
      restorePointId: z.string(),
      disks: z.array(z.looseObject({ label: z.string(), uuid: z.string() })).exactOptional(),
    }),
  }),
  z.object({
    ...common,
    kind: z.literal('partial-archive'),
    detail: z.looseObject({ repositoryId: z.string(), path: z.string() }),
  }),
  z.object({ ...common, kind: z.literal('mount'), detail: path }),
  z.object({ ...common, kind: z.literal('export'), detail: path }),
]);
