import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RestorePointView } from '#core/api.ts';
import type { ApiClient } from '#cli/api-client.ts';
import type { CommandInput } from '#cli/command.ts';
import { restorePointCommands } from '#cli/commands/restore-point.ts';
import { Output } from '#cli/output.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';

const list = restorePointCommands.find(({ name }) => name === 'restore-point list')!;

/** A service with so many points that gives a thousand at a time, as the API does. */
function service(total: number) {
  const asked: string[] = [];
  const client = {
    get: (path: string): Promise<unknown> => {
      asked.push(path);
      if (path === '/repositories/main') return Promise.resolve({ id: 'r1' });
      const query = new URLSearchParams(path.split('?')[1]);
      const from = Number(query.get('after') ?? 0);
      const limit = Math.min(1000, Number(query.get('limit')), total - from);
      const restorePoints = Array.from({ length: limit }, (_, i) =>
        sampleRestorePoint({ id: `p${from + i}`, createdAtMs: total - from - i }),
      );
      const next = from + limit;
      return Promise.resolve({ restorePoints, ...(next < total ? { next: String(next) } : {}) });
    },
  } as unknown as ApiClient;
  return { client, asked };
}

async function run(total: number, options: Readonly<Record<string, string>>) {
  const { client, asked } = service(total);
  let out = '';
  const output = new Output({
    out: { write: (text) => (out += text) },
    err: { write: () => undefined },
    color: false,
    json: true,
    width: 100,
  });
  const input = { client, output, text: (name: string) => options[name] };
  await list.run(input as unknown as CommandInput);
  return { points: JSON.parse(out) as RestorePointView[], asked };
}

test('a long list is collected page by page, and no page too many', async () => {
  const { points, asked } = await run(2500, { limit: '2200' });
  assert.equal(points.length, 2200);
  assert.equal(new Set(points.map(({ header }) => header.id)).size, 2200);
  assert.deepEqual(asked, [
    '/restore-points?limit=1000',
    '/restore-points?limit=1000&after=1000',
    '/restore-points?limit=200&after=2000',
  ]);
  const all = await run(2500, { limit: '100000' });
  assert.equal(all.points.length, 2500);
});

test('a hundred without --limit, of a VM or a repository where asked', async () => {
  assert.equal((await run(2500, {})).points.length, 100);
  const { asked } = await run(5, { vm: 'web 1', limit: '3' });
  assert.deepEqual(asked, ['/restore-points?vm=web+1&limit=3']);
  const ofRepository = await run(5, { repository: 'main' });
  assert.equal(ofRepository.asked[1], '/restore-points?repository=r1&limit=100');
});

test('a limit that is none is refused', async () => {
  for (const limit of ['0', '-1', 'x', '1.5']) await assert.rejects(run(5, { limit }), /--limit/);
});
