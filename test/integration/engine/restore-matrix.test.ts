import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';

import type { InPlaceTarget, NewVmTarget, RestoreRequest } from '#engine/requests.ts';
import { planRestore } from '#engine/plan-restore.ts';
import { restoreVm } from '#engine/restore-vm.ts';

import { layouts, overwrites, restoreCases, ways, type RestoreCase } from './restore-cases.ts';
import { restoreGround, type Kept, type RestoreGround } from './restore-ground.ts';

/** One VM for each layout; rollbacks need one each, since a restore begins change tracking anew. */
function sourceOf({ way, layout, transport }: RestoreCase): string {
  const name = `vm-${layouts.indexOf(layout)}`;
  return way === 'rollback' && layout === layouts[0] ? `${name}-${transport}` : name;
}

function request(ground: RestoreGround, each: RestoreCase, { point }: Kept): RestoreRequest {
  const { way, transport } = each;
  const newVm: NewVmTarget = {
    kind: 'new-vm',
    name: copyName(each),
    keepIdentity: false,
    onFailure: 'destroy',
  };
  const inPlace: InPlaceTarget = {
    kind: 'in-place',
    powerOff: true,
    ...(way === 'rollback' ? { rollback: true } : {}),
  };
  return {
    endpoint: ground.endpoint(way),
    repository: ground.home.bench.repository,
    restorePointId: point.header.id,
    taskId: `task-${ways.indexOf(way)}-${sourceOf(each)}-${transport}`,
    target: overwrites(way) ? inPlace : newVm,
    powerOn: false,
    readBack: 'full',
    transports: [transport],
  };
}

function copyName(each: RestoreCase): string {
  return `copy-${ways.indexOf(each.way)}-${sourceOf(each)}-${each.transport}`;
}

let ground: RestoreGround;
const kept = new Map<string, Kept>();

before(async () => {
  ground = await restoreGround();
  for (const name of new Set(restoreCases.map(sourceOf))) kept.set(name, await ground.backUp(name));
  await ground.rebuild();
  for (const [index, layout] of layouts.entries())
    if (index > 0) await ground.change(`vm-${index}`, layout);
});
after(() => ground[Symbol.asyncDispose]());

for (const way of ways)
  // What overwrites the same VM takes turns.
  suite(way, { concurrency: overwrites(way) ? 1 : 2 }, () => {
    for (const each of restoreCases.filter((one) => one.way === way))
      test(`${each.transport}: ${each.layout}`, () =>
        each.refused === undefined ? assertRestores(each) : assertRefused(each, each.refused));
  });

test('nothing is left of all this', async () => {
  const { home, other } = ground;
  assert.deepEqual((await home.lab.state()).attachments, []);
  assert.deepEqual((await other.state()).attachments, []);
  assert.deepEqual(await home.bench.context.journal.open(), []);
});

async function assertRestores(each: RestoreCase): Promise<void> {
  const { way, transport } = each;
  const source = sourceOf(each);
  const before = kept.get(source)!;
  if (overwrites(way)) {
    await ground.home.lab.power({ vm: source, on: true });
    await ground.change(source, each.layout);
  }
  const { signal } = ground.home;
  const context = ground.context(way, transport);
  const { disks, warnings } = await restoreVm(context, request(ground, each, before), { signal });
  for (const disk of disks) {
    assert.equal(disk.transport, transport.replace(/-(own|vddk)$/, ''));
    if (way === 'rollback') assert.equal(disk.method, 'changed', disk.methodReason);
  }
  assert.doesNotMatch(warnings.join(), /goes by/);
  const restored = overwrites(way) ? source : copyName(each);
  await ground.assertIdentical(way, restored, before);
  if (!overwrites(way) && transport === 'nbdssl')
    await ground.assertSameSettings(way, restored, before);
}

async function assertRefused(each: RestoreCase, reason: string): Promise<void> {
  const { way, transport } = each;
  const { home, other } = ground;
  const source = sourceOf(each);
  const before = await home.vm(source);
  const order = request(ground, each, kept.get(source)!);
  const context = ground.context(way, transport);
  const refused = (error: unknown): boolean => {
    const { message } = error as Error;
    assert.ok(message.includes(reason), message);
    return true;
  };
  await assert.rejects(planRestore(context, order, home.signal), refused);
  await assert.rejects(restoreVm(context, order, { signal: home.signal }), refused);
  assert.deepEqual(await home.vm(source), before, 'nothing was changed');
  assert.equal(
    (await other.state()).vms.some(({ name }) => name === copyName(each)),
    false,
  );
}
