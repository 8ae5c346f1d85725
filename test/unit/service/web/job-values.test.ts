import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import type { Job } from '#core/job.ts';
import { Form } from '#service/web/form-body.ts';
import { newJobValues, settingsOf, valuesOfForm, valuesOfJob } from '#service/web/job-values.ts';

const job: Job = {
  id: 'job1',
  name: 'Servers',
  enabled: false,
  endpointId: 'e1',
  repositoryId: 'r1',
  selection: {
    include: [
      { by: 'name', pattern: 'web-*' },
      { by: 'folder', path: 'Lab/vm/Servers' },
      { by: 'cluster', path: 'Lab/host/C1' },
      { by: 'vm', instanceUuid: 'u1', name: 'one' },
    ],
    exclude: [
      { rule: { by: 'datastore', path: 'slow' }, reason: 'being emptied' },
      { rule: { by: 'name', pattern: 'test-*' }, reason: 'rebuilt # daily' },
      { rule: { by: 'folder', path: 'Lab/vm/Old' }, reason: 'to be deleted' },
    ],
  },
  schedule: { cron: '0 3 * * *', timeZone: 'Europe/Berlin', missed: 'skip' },
  retention: {
    last: 2,
    hourly: 5,
    daily: 7,
    weekly: 4,
    monthly: 12,
    yearly: 1,
    minimum: 3,
    timeZone: 'Europe/Berlin',
  },
  compression: 'none',
  maxChainLength: 14,
  fulls: 'synthetic',
  activeFullDays: 30,
  onQuiesceFailure: 'fail',
  createdAtMs: 1,
};

test('a job survives its form, what the form cannot show included', () => {
  const { id: _, createdAtMs: __, ...settings } = job;
  const again = settingsOf(valuesOfJob(job), job);
  // What the form cannot show comes first afterwards.
  const sorted = (exclude: Job['selection']['exclude']) =>
    exclude.toSorted((a, b) => a.reason.localeCompare(b.reason));
  const { include, exclude } = settings.selection;
  assert.deepEqual(
    { ...again, selection: { include, exclude: sorted(again.selection.exclude) } },
    { ...settings, selection: { include, exclude: sorted(exclude) } },
  );
  assert.deepEqual(again.selection.include, include);
});

test('a form gives the values that were typed, a mistake among them', () => {
  const form = new Form(
    new URLSearchParams([
      ['name', ' N '],
      ['patterns', 'a*\r\n\r\n b? \r\n'],
      ['vm', 'u1'],
      ['vm', 'u2'],
      ['daily', 'x'],
      ['enabled', 'yes'],
    ]),
  );
  const values = valuesOfForm(form, (uuid) => `name of ${uuid}`);
  assert.equal(values.name, 'N');
  assert.equal(values.patterns, 'a*\nb?');
  assert.deepEqual(
    values.vms.map(({ name }) => name),
    ['name of u1', 'name of u2'],
  );
  assert.equal(values.keep.daily, 'x');
  assert.equal(values.enabled, true);
  assert.equal(values.every, false);
});

test('values that cannot be are refused with the field and the reason', () => {
  const good = { ...newJobValues('UTC'), endpoint: 'e', repository: 'r' };
  assert.equal(settingsOf(good, undefined).schedule?.cron, '0 22 * * *');
  assert.equal(settingsOf({ ...good, cron: '' }, undefined).schedule, undefined);
  const cases: [object, RegExp][] = [
    [{ name: 'x'.repeat(61) }, /name.*more than 60/],
    [{ timeZone: 'Mars/Olympus' }, /timeZone.*no such time zone/],
    [{ timeZone: '' }, /timeZone/],
    [{ keep: { ...good.keep, weekly: '1001' } }, /keep weekly.*0 to 1000/],
    [{ maxChainLength: '1.5' }, /maxChainLength.*whole number/],
    [{ compression: 'gzip' }, /compression/],
    [{ every: false }, /not said which VMs/],
    [{ places: 'rack: 12' }, /"rack: 12" names no place/],
  ];
  for (const [wrong, words] of cases)
    assert.throws(
      () => settingsOf({ ...good, ...wrong }, undefined),
      (error: unknown) => {
        assert.ok(error instanceof ColdframeError && error.code === 'invalid-input');
        assert.match(error.message, words);
        return true;
      },
    );
});
