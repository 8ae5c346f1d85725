import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';

import { version } from '#core/version.ts';

it('is the version of package.json', () => {
  const path = new URL('../../../package.json', import.meta.url);
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  assert.equal(version, manifest.version);
});
