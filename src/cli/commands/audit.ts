import type { AuditList } from '#core/api-users.ts';
import type { AuditCheck } from '#core/audit.ts';

import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { count, timeText } from '../format.ts';
import { usageError } from '../parse-command-line.ts';

export const auditCommands: readonly Command[] = [
  {
    name: 'audit list',
    summary: 'Who did what, newest first',
    options: {
      limit: { value: 'N', summary: 'at most so many; 50 unless told' },
      before: { value: 'SEQ', summary: 'entries before this one' },
    },
    examples: ['coldframe audit list', 'coldframe audit list --limit 500 --json'],
    async run({ client, output, text }) {
      const query = new URLSearchParams({ limit: text('limit') ?? '50' });
      const before = text('before');
      if (before !== undefined) query.set('before', before);
      const { entries } = await client.get<AuditList>(`/audit?${query.toString()}`);
      if (output.json) output.document(entries);
      else
        output.table(
          [
            { title: 'SEQ', align: 'right' },
            { title: 'WHEN' },
            { title: 'WHO' },
            { title: 'VIA' },
            { title: 'OUTCOME' },
            { title: 'WHAT' },
            { title: 'ABOUT' },
          ],
          entries.map((entry) => [
            String(entry.seq),
            timeText(entry.timeMs),
            entry.who,
            entry.via,
            entry.outcome,
            entry.action,
            entry.detail === undefined ? entry.target : `${entry.target} ${entry.detail}`,
          ]),
        );
      return undefined;
    },
  },
  {
    name: 'audit verify',
    summary: 'Recompute the whole audit log and say whether anybody changed it',
    options: {
      expect: { value: 'SEQ:DIGEST', summary: 'an entry that must still be there as it was' },
    },
    examples: ['coldframe audit verify', 'coldframe audit verify --expect 812:9f2c…'],
    notes: [
      'Each entry carries a digest of itself and of the one before, made with a key of the appliance. What\nthat cannot show is an end that was cut off: note the last digest elsewhere and give it as --expect.',
    ],
    async run({ client, output, text }) {
      const check = await client.get<AuditCheck>('/audit/check');
      const expected = expectation(text('expect'));
      const lost =
        expected !== undefined && (await digestOf(client, expected.seq)) !== expected.digest;
      if (output.json) output.document({ ...check, ...(lost ? { lost: expected } : {}) });
      else {
        if (check.broken !== undefined)
          output.line(
            `Entry ${check.broken.seq} is not as it was written: ${check.broken.reason}.`,
          );
        else output.line(`${count(check.entries, 'entry', 'entries')}, all as they were written.`);
        if (check.head !== undefined) output.line(`Last: ${check.head.seq}:${check.head.digest}`);
        if (lost) output.line(`Entry ${expected.seq} is not the one that was expected.`);
      }
      return check.broken !== undefined || lost ? exitCodes.damaged : exitCodes.ok;
    },
  },
];

function expectation(
  text: string | undefined,
): { readonly seq: number; readonly digest: string } | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text);
  if (match === null) throw usageError('--expect takes what "audit verify" printed: SEQ:DIGEST.');
  return { seq: Number(match[1]), digest: match[2]! };
}

async function digestOf(
  client: { get<T>(path: string): Promise<T> },
  seq: number,
): Promise<string | undefined> {
  const { entries } = await client.get<AuditList>(`/audit?limit=1&before=${seq + 1}`);
  return entries.find((entry) => entry.seq === seq)?.digest;
}
