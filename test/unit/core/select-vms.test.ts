import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VmRule, VmSelection } from '#core/job.ts';
import { missingVms, selectVms } from '#core/select-vms.ts';
import type { VmSummary } from '#core/vm.ts';

const vm = (name: string, folderPath = 'DC/vm', template = false): VmSummary => ({
  identity: {
    endpointUuid: 'e',
    instanceUuid: `u-${name}`,
    biosUuid: 'b',
    moref: `vm-${name}`,
    name,
  },
  powerState: 'poweredOn',
  template,
  folderPath,
  guestFullName: 'Debian',
  diskCount: 1,
  totalDiskBytes: 1,
  where: { host: '', cluster: '', pool: '', vApp: '', datastores: [] },
});
const vms = [
  vm('web-1', 'DC/vm/Web'),
  vm('web-2', 'DC/vm/Web/Old'),
  vm('db', 'DC/vm/WebStore'),
  vm('gold', 'DC/vm', true),
];
const chosen = (include: VmRule[], exclude: VmSelection['exclude'] = []): string[] =>
  selectVms(vms, { include, exclude })
    .filter((c) => c.chosen)
    .map((c) => c.vm.identity.name);

test('rules choose by everything, VM, folder and name', () => {
  const cases: [VmRule, string[]][] = [
    [{ by: 'all' }, ['web-1', 'web-2', 'db']],
    [{ by: 'vm', instanceUuid: 'u-db', name: 'db' }, ['db']],
    [{ by: 'folder', path: 'DC/vm/Web' }, ['web-1', 'web-2']],
    [{ by: 'name', pattern: 'WEB-?' }, ['web-1', 'web-2']],
    [{ by: 'name', pattern: '*b*' }, ['web-1', 'web-2', 'db']],
    [{ by: 'name', pattern: 'web.1' }, []],
  ];
  for (const [rule, names] of cases) assert.deepEqual(chosen([rule]), names, JSON.stringify(rule));
});

test('an exclusion wins and its reason is told; templates say why they are out', () => {
  const choices = selectVms(vms, {
    include: [{ by: 'all' }],
    exclude: [{ rule: { by: 'folder', path: 'DC/vm/Web/Old' }, reason: 'retired' }],
  });
  assert.equal(choices[1]?.reason, 'excluded: retired');
  assert.equal(choices[1]?.chosen, false);
  assert.match(choices[3]?.reason ?? '', /template/);
});

test('places choose and exclude', () => {
  const where = { host: '', cluster: 'DC/host/C1', pool: '', vApp: '', datastores: ['DC/ds/slow'] };
  const here = [
    { ...vm('in'), where: { ...where, datastores: ['DC/ds/fast'] } },
    { ...vm('out'), where },
    vm('else'),
  ];
  const choices = selectVms(here, {
    include: [{ by: 'cluster', path: 'C1' }],
    exclude: [{ rule: { by: 'datastore', path: 'slow' }, reason: 'being emptied' }],
  });
  assert.deepEqual(
    choices.map(({ chosen, reason }) => [chosen, reason]),
    [
      [true, 'cluster C1'],
      [false, 'excluded: being emptied'],
      [false, 'not selected'],
    ],
  );
});

test('tags choose, and without them nothing is guessed', () => {
  const tagged = (name: string, tags?: readonly string[]): VmSummary => {
    const plain = vm(name);
    return { ...plain, where: { ...plain.where, ...(tags === undefined ? {} : { tags }) } };
  };
  const selection: VmSelection = {
    include: [{ by: 'tag', path: 'Backup/Gold' }],
    exclude: [{ rule: { by: 'tag', path: 'Never' }, reason: 'asked for' }],
  };
  const choices = selectVms(
    [tagged('a', ['Backup/Gold']), tagged('b', ['Backup/Gold', 'Other/Never']), tagged('c', [])],
    selection,
  );
  assert.deepEqual(
    choices.map(({ reason }) => reason),
    ['tag Backup/Gold', 'excluded: asked for', 'not selected'],
  );
  const [unknown] = selectVms([tagged('d')], selection);
  assert.deepEqual([unknown?.chosen, unknown?.undecided], [false, true]);
  const [all] = selectVms([tagged('d')], { include: [{ by: 'all' }], exclude: [] });
  assert.equal(all?.chosen, true, 'who does not go by tags needs none');
});

test('a VM that is named but gone is reported', () => {
  const rule: VmRule = { by: 'vm', instanceUuid: 'u-lost', name: 'lost' };
  assert.deepEqual(missingVms(vms, { include: [rule, { by: 'all' }], exclude: [] }), ['lost']);
});

test('a pattern made to be slow is not', () => {
  const hostile = [vm('a'.repeat(5000))];
  const pattern = `${'*a'.repeat(1)}${'*'.repeat(90)}b`;
  assert.equal(
    selectVms(hostile, { include: [{ by: 'name', pattern }], exclude: [] })[0]?.chosen,
    false,
  );
});
