import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { killCases, killTable, momentOf } from '#test/fault/kill-cases.ts';

test('docs/reliability.md shows the kill matrix that is tested', async () => {
  const text = await readFile(new URL('../../../docs/reliability.md', import.meta.url), 'utf8');
  const [, shown] = /<!-- kill matrix -->\n+([^]*?)\n+<!-- end -->/.exec(text) ?? [];
  assert.equal(shown, killTable(killCases), 'replace the table in docs/reliability.md by this one');
});

test('no death is tried twice', () => {
  const names = killCases.map((each) =>
    [each.work, each.transport, each.death.victim, momentOf(each), each.restart].join(),
  );
  assert.equal(new Set(names).size, names.length);
});
