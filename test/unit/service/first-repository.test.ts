import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';

import type { RepositoryView } from '#core/api.ts';
import { ColdframeError } from '#core/error.ts';
import { addFirstRepository } from '#service/first-repository.ts';
import type { NewRepository } from '#service/operations/repositories.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { testClock } from '#test/support/test-clock.ts';

/** Runs to its end with what the first boot left; `failures` attempts fail before one succeeds. */
async function begin(
  handOver: object | string,
  { failures = 0, present = [] as readonly RepositoryView[] } = {},
) {
  await using dir = await temporaryFolder();
  const file = join(dir.path, 'first-boot.json');
  await writeFile(file, typeof handOver === 'string' ? handOver : JSON.stringify(handOver));
  const added: NewRepository[] = [];
  const levels: string[] = [];
  const clock = testClock();
  const started = clock.now();
  let left = failures;
  {
    const done = Promise.withResolvers<void>();
    await using _ = addFirstRepository({
      dataDir: dir.path,
      clock,
      log: { log: (level: string) => void levels.push(level) },
      repositories: {
        list: async () => present,
        add: async (wanted) => {
          if (left-- > 0) throw new ColdframeError('repository', 'mount: no answer');
          added.push(wanted);
          done.resolve();
          return { repository: { id: 'r', name: 'nas', root: '/srv/nas', addedAtMs: 0 } } as never;
        },
      },
    });
    // Nothing to add: it ends by itself, and disposing waits for that.
    await Promise.race([done.promise, new Promise((resolve) => setTimeout(resolve, 200))]);
  }
  const text = (await readdir(dir.path)).length === 0 ? undefined : await readFile(file, 'utf8');
  return { added, levels, waitedMs: clock.now() - started, text };
}

const nfs = { target: 'nas.example:/backup', options: 'vers=4.2,hard,port=12049' };
const share = { server: 'nas.example', path: '/backup', version: '4.2', port: 12_049 };

it('adds the export and forgets it', async () => {
  const { added, text } = await begin({ version: 1, nfs });
  assert.deepEqual(added, [{ name: 'nas', nfs: share }]);
  assert.equal(text, undefined);
  const { text: rest } = await begin({ version: 1, nfs, endpoint: 'vcenter.example' });
  assert.deepEqual(JSON.parse(rest ?? ''), { version: 1, endpoint: 'vcenter.example' });
});

it('waits for a server that is not there yet, and says so once', async () => {
  const { added, levels, waitedMs } = await begin({ version: 1, nfs }, { failures: 3 });
  assert.equal(added.length, 1);
  assert.deepEqual(levels, ['warn', 'info']);
  assert.equal(waitedMs, 3 * 2 * 60_000);
});

it('leaves an appliance alone that has a repository, and words that are no export', async () => {
  const present = [{ id: 'a', name: 'a', root: '/a', addedAtMs: 0 }];
  const other = await begin({ version: 1, nfs }, { present });
  assert.deepEqual([other.added, other.text], [[], undefined]);
  const wrong = await begin({ version: 1, nfs: { ...nfs, target: 'nas' } });
  assert.deepEqual([wrong.added, wrong.levels], [[], ['warn']]);
  for (const nothing of ['nonsense', '{"version":1}'])
    assert.deepEqual((await begin(nothing)).added, []);
});
