import assert from 'node:assert/strict';
import { test } from 'node:test';

import { repositoriesPage } from '#service/web/pages/repositories.ts';

const repository = { id: 'r1', name: 'main', root: '/srv/<main>', addedAtMs: 0 };

test('a repository says when its archives are encrypted, and to how many keys', () => {
  const page = (encryptTo?: readonly string[]): string =>
    String(
      repositoriesPage([
        { repository: { ...repository, ...(encryptTo === undefined ? {} : { encryptTo }) } },
      ]),
    );
  assert.doesNotMatch(page(), /encrypted/);
  assert.match(page(['age1a']), /new archives are encrypted to 1 key</);
  assert.match(page(['age1a', 'age1b']), /encrypted to 2 keys</);
  assert.match(page(), /\/srv\/&lt;main&gt;/);
});
