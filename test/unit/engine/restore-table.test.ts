import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { transportChoices } from '#core/transport-plan.ts';
import {
  layouts,
  restoreCases,
  restoreTable,
  ways,
} from '#test/integration/engine/restore-cases.ts';

test('docs/restores.md shows the restores that are tested', async () => {
  const text = await readFile(new URL('../../../docs/restores.md', import.meta.url), 'utf8');
  const [, shown] = /<!-- restore matrix -->\n+([^]*?)\n+<!-- end -->/.exec(text) ?? [];
  assert.equal(shown, restoreTable(restoreCases), 'replace the table in docs/restores.md by this');
});

test('every way is tried by every transport, and in every state of the VM', () => {
  for (const way of ways) {
    const here = restoreCases.filter((each) => each.way === way);
    assert.equal(new Set(here.map(({ transport }) => transport)).size, transportChoices.length);
    assert.equal(new Set(here.map(({ layout }) => layout)).size, layouts.length);
  }
});
