import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Job } from '#core/job.ts';
import { vmKey, type VmSummary } from '#core/vm.ts';
import type { InventoryVm } from '#service/web/inventory.ts';
import { vmRows } from '#service/web/vm-rows.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 10, 22, 12);
const endpoint = { id: 'e1', name: 'lab', address: 'a', user: 'u' };

function vm(name: string, more: Partial<VmSummary> = {}): InventoryVm {
  const identity = {
    endpointUuid: 'E',
    instanceUuid: `uuid-${name}`,
    biosUuid: 'b',
    moref: `vm-${name}`,
    name,
  };
  return {
    endpoint,
    own: name === 'appliance',
    vm: {
      identity,
      powerState: 'poweredOn',
      template: false,
      folderPath: 'Lab/vm',
      guestFullName: '',
      diskCount: 1,
      totalDiskBytes: 1,
      where: { host: '', cluster: '', pool: '', vApp: '', datastores: [] },
      ...more,
    },
  };
}

function job(cron: string | undefined, more: Partial<Job> = {}): Job {
  return {
    id: 'j1',
    name: 'J',
    enabled: true,
    endpointId: 'e1',
    repositoryId: 'r1',
    selection: {
      include: [{ by: 'all' }],
      exclude: [{ rule: { by: 'name', pattern: 'left*' }, reason: 'no' }],
    },
    ...(cron === undefined ? {} : { schedule: { cron, timeZone: 'UTC', missed: 'skip' } }),
    retention: { timeZone: 'UTC' },
    compression: 'zstd',
    maxChainLength: 30,
    onQuiesceFailure: 'fail',
    createdAtMs: 0,
    ...more,
  };
}

function rowsOf(
  jobs: readonly Job[],
  ageHours: Readonly<Record<string, number>>,
  vms: InventoryVm[],
) {
  const times = new Map(
    vms.flatMap(({ vm: { identity } }) => {
      const age = ageHours[identity.name];
      return age === undefined
        ? []
        : [[vmKey(identity), [{ id: 'p', createdAtMs: nowMs - age * hourMs }]] as const];
    }),
  );
  const inventory = { vms, failures: [], readAtMs: nowMs };
  return new Map(
    vmRows({ inventory, times, jobs, nowMs }).map((row) => [row.vm.identity.name, row]),
  );
}

test('late depends on how often the jobs come', () => {
  const vms = [vm('a')];
  const level = (cron: string | undefined, ageHours: number, more: Partial<Job> = {}) =>
    rowsOf([job(cron, more)], { a: ageHours }, vms).get('a')!.protection.level;
  assert.equal(level('0 22 * * *', 25), 'protected');
  assert.equal(level('0 22 * * *', 27), 'late');
  assert.equal(level('0 22 * * 0', 7 * 24), 'protected', 'a weekly job');
  assert.equal(level('0 22 * * 0', 7 * 24 + 3), 'late');
  assert.equal(level('0 22 * * 1-5', 60), 'protected', 'a working-day job on Monday');
  assert.equal(level('*/5 * * * *', 20), 'protected');
  assert.equal(level(undefined, 27), 'late', 'by hand: a day');
  assert.equal(level('0 22 * * 0', 27, { enabled: false }), 'late', 'paused: a day');
});

test('says which job chooses a VM and when it comes next', () => {
  const vms = [vm('a'), vm('left'), vm('template', { template: true }), vm('appliance')];
  const rows = rowsOf([job('0 22 * * *')], {}, vms);
  assert.equal(rows.get('a')!.nextMs, Date.UTC(2026, 10, 22, 22));
  assert.deepEqual(
    rows.get('a')!.jobs.map(({ name }) => name),
    ['J'],
  );
  for (const name of ['left', 'template', 'appliance']) assert.deepEqual(rows.get(name)!.jobs, []);
  assert.deepEqual(
    [...rows.values()].map(({ expected }) => expected),
    [true, true, false, false],
  );
  assert.equal(rows.get('left')!.protection.level, 'unprotected');
});

test('a job says nothing about the VMs of another endpoint', () => {
  const rows = rowsOf([job('0 22 * * *', { endpointId: 'e2' })], {}, [vm('a')]);
  assert.deepEqual(rows.get('a')!.jobs, []);
});
