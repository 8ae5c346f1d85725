import assert from 'node:assert/strict';
import { test } from 'node:test';

import { reasonForNewChain } from '#core/backup-plan.ts';
import { describePruneReason } from '#core/prune-plan.ts';
import { isTimeZone } from '#core/time-zone.ts';

test('a chain that is as long as allowed makes the next backup full, and says so', () => {
  assert.equal(reasonForNewChain(1, undefined), undefined);
  assert.equal(reasonForNewChain(14, 14), undefined);
  assert.equal(
    reasonForNewChain(15, 14),
    'the chain has 15 restore points, as many as the job allows',
  );
  assert.equal(reasonForNewChain(1, 0), 'the job makes every backup full');
});

test('every reason has its words', () => {
  assert.equal(describePruneReason({ rule: 'in-use' }), 'a restore or verification is reading it');
  assert.equal(
    describePruneReason({ rule: 'broken', missing: 'x1' }),
    'its chain lacks restore point x1',
  );
  assert.equal(describePruneReason({ rule: 'not-own' }), 'another job or a person made it');
  assert.match(describePruneReason({ rule: 'daily', period: '2026-11-22' }), /2026-11-22/);
});

test('time zones are known by their IANA names', () => {
  assert.equal(isTimeZone('Europe/Berlin'), true);
  for (const name of ['', 'Mars/Base', 'Europe/Berlin ']) assert.equal(isTimeZone(name), false);
});
