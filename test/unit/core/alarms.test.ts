import assert from 'node:assert/strict';
import { it } from 'node:test';

import {
  compareAlarms,
  judgeAlarms,
  type Alarm,
  type AlarmFacts,
  type StandingAlarm,
} from '#core/alarms.ts';
import { takes, type NoticeKind, type NotifyRule, type Severity } from '#core/notice.ts';
import { defaultNotifySettings, type AlarmSettings } from '#core/notify-settings.ts';
import { sampleNotice } from '#test/unit/service/notify/sample-notice.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = 100 * day;
const nothing: AlarmFacts = { vms: [], damaged: [], jobs: [], repositories: [] };
const { alarms: usual } = defaultNotifySettings;

const keysOf = (facts: Partial<AlarmFacts>, settings: Partial<AlarmSettings> = {}): string[] =>
  judgeAlarms({ ...nothing, ...facts }, { ...usual, ...settings }, now).map(({ key }) => key);

it('is silent when nothing is there and when all is well', () => {
  assert.deepEqual(keysOf({}), []);
  assert.deepEqual(
    keysOf({
      vms: [{ key: 'a', name: 'a', newestGoodMs: now - hour }],
      jobs: [{ id: 'j', name: 'nightly' }],
      verified: { oldestPointMs: now - 90 * day, lastMs: now - day },
      repositories: [
        { id: 'r', name: 'main', daysToFull: 400 },
        { id: 's', name: 'new' },
      ],
    }),
    [],
  );
});

const cases: readonly (readonly [string, Partial<AlarmFacts>, Partial<AlarmSettings>, string[]])[] =
  [
    [
      'a VM at the limit',
      { vms: [{ key: 'a', name: 'a', newestGoodMs: now - 36 * hour }] },
      {},
      [],
    ],
    [
      'a late VM',
      { vms: [{ key: 'a', name: 'a', newestGoodMs: now - 36 * hour - 1 }] },
      {},
      ['vm/a'],
    ],
    ['a VM with nothing good', { vms: [{ key: 'a', name: 'a' }] }, {}, ['vm/a']],
    ['no VM alarm wanted', { vms: [{ key: 'a', name: 'a' }] }, { vmHours: 0 }, []],
    ['damage', { damaged: [{ key: 'a', name: 'a', count: 2 }] }, { vmHours: 0 }, ['damage/a']],
    ['a job late by less', { jobs: [{ id: 'j', name: 'n', missedMs: now - 59 * 60_000 }] }, {}, []],
    [
      'a job that did not come',
      { jobs: [{ id: 'j', name: 'n', missedMs: now - hour }] },
      {},
      ['job/j'],
    ],
    ['no job alarm wanted', { jobs: [{ id: 'j', name: 'n', missedMs: 0 }] }, { jobMinutes: 0 }, []],
    ['never verified, young', { verified: { oldestPointMs: now - 30 * day } }, {}, []],
    ['never verified, old', { verified: { oldestPointMs: now - 36 * day } }, {}, ['verify']],
    [
      'verified long ago',
      { verified: { oldestPointMs: 0, lastMs: now - 40 * day } },
      {},
      ['verify'],
    ],
    ['no verify alarm wanted', { verified: { oldestPointMs: 0 } }, { verifyDays: 0 }, []],
    [
      'soon full',
      { repositories: [{ id: 'r', name: 'm', daysToFull: 13.9 }] },
      {},
      ['repository/r'],
    ],
    ['not yet full', { repositories: [{ id: 'r', name: 'm', daysToFull: 14 }] }, {}, []],
  ];
for (const [what, facts, settings, keys] of cases)
  it(`judges ${what}`, () => assert.deepEqual(keysOf(facts, settings), keys));

it('says what to do', () => {
  const [vm] = judgeAlarms(
    { ...nothing, vms: [{ key: 'a', name: 'web-1', newestGoodMs: now - 50 * hour }] },
    usual,
    now,
  );
  assert.equal(vm?.title, 'web-1 has no good restore point of the last 36 hours');
  assert.match(vm?.text ?? '', /is 50 hours old.*coldframe run list/);
});

it('tells an alarm when it comes, a day later again, and when it is over', () => {
  const alarm: Alarm = { key: 'vm/a', kind: 'vm', severity: 'failure', title: 't', text: 'x' };
  const first = compareAlarms([], [alarm], now);
  assert.deepEqual(first.tell, first.standing);
  const quiet = compareAlarms(first.standing, [{ ...alarm, text: 'older' }], now + hour);
  assert.deepEqual([quiet.tell, quiet.over], [[], []]);
  assert.deepEqual(quiet.standing, [{ ...alarm, text: 'older', sinceMs: now, toldMs: now }]);
  const again = compareAlarms(quiet.standing, [alarm], now + day);
  assert.deepEqual(again.tell, [{ ...alarm, sinceMs: now, toldMs: now + day }]);
  const over = compareAlarms(again.standing, [], now + day + hour);
  assert.deepEqual(
    over.over.map(({ key }: StandingAlarm) => key),
    ['vm/a'],
  );
  assert.deepEqual(over.standing, []);
});

const rules: readonly (readonly [NotifyRule, NoticeKind, Severity, boolean])[] = [
  ['always', 'run', 'good', true],
  ['warnings', 'run', 'good', false],
  ['warnings', 'run', 'warning', true],
  ['failures', 'run', 'warning', false],
  ['failures', 'alarm', 'failure', true],
  ['failures', 'alarm-over', 'good', true],
  ['failures', 'summary', 'good', true],
  ['failures', 'test', 'good', true],
  ['failures', 'alarm', 'warning', false],
];
for (const [rule, kind, severity, taken] of rules)
  it(`a receiver of "${rule}" ${taken ? 'takes' : 'does not take'} ${severity} of ${kind}`, () =>
    assert.equal(takes(rule, sampleNotice({ kind, severity })), taken));
