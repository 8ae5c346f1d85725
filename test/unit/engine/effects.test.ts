import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { openCatalog } from '#catalog/open-catalog.ts';
import { ColdframeError } from '#core/error.ts';
import type { JournalEntry } from '#core/journal.ts';
import { Effects } from '#engine/effects.ts';
import type { BusyObject, EngineContext, VsphereConnection, VspherePort } from '#engine/ports.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';
import { countingIds, testClock } from '#test/support/test-clock.ts';
import type { TestClock } from '#test/support/test-clock.ts';

/** A vSphere that knows which marked VMs exist and writes down what is destroyed. */
class MarkedVms implements VspherePort {
  readonly vms = new Map<string, string>();
  readonly destroyed: string[] = [];
  looks = 0;
  refuse: ColdframeError | undefined;
  readonly settledFor: BusyObject[] = [];
  unsettled: ColdframeError | undefined;

  connect(): Promise<VsphereConnection> {
    const connection: Partial<VsphereConnection> = {
      findMarkedVms: (marker) => {
        this.looks += 1;
        return Promise.resolve([...this.vms].filter(([, tag]) => tag === marker).map(([vm]) => vm));
      },
      destroyVm: (vm) => {
        if (this.refuse !== undefined) return Promise.reject(this.refuse);
        this.destroyed.push(vm);
        this.vms.delete(vm);
        return Promise.resolve();
      },
      settled: (object) => {
        this.settledFor.push(object);
        return this.unsettled === undefined ? Promise.resolve() : Promise.reject(this.unsettled);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    return Promise.resolve(connection as VsphereConnection);
  }
}

/** Short sleeps move the clock; deadlines, which are long, only end when they are called off. */
function patientClock(): TestClock {
  const clock = testClock();
  return {
    ...clock,
    sleep: (ms, signal) =>
      ms < 60_000
        ? clock.sleep(ms, signal)
        : new Promise((_, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason as Error));
          }),
  };
}

async function prepare() {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryFolder());
  const clock = patientClock();
  const catalog = stack.use(await openCatalog({ dataDir: path, clock, ids: countingIds() }));
  const vsphere = new MarkedVms();
  const silent = (): void => undefined;
  const context = {
    clock,
    journal: catalog.journal,
    vsphere,
    log: { info: silent, warn: silent, error: silent },
  } as unknown as EngineContext;
  const effects = new Effects(context, {
    taskId: 'task1',
    endpointId: 'endpoint1',
    sources: {
      endpoint: () => Promise.resolve({} as never),
      repository: () => Promise.reject(new Error('not asked for')),
    },
  });
  const make = (vm: string) =>
    effects.make('created-vm', { name: vm, folderPath: 'dc/vm' }, ({ marker }) => {
      vsphere.vms.set(vm, marker);
      return Promise.resolve(vm);
    });
  const kept = stack.move();
  return {
    clock,
    vsphere,
    journal: catalog.journal,
    effects,
    make,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

suite('effects of a task', () => {
  test('are in the journal before they happen, and done after', async () => {
    await using ground = await prepare();
    const states: (JournalEntry['state'] | undefined)[] = [];
    const look = async (): Promise<void> => {
      states.push((await ground.journal.open())[0]?.state);
    };
    await look();
    await ground.effects.make('created-vm', { name: 'a', folderPath: '' }, look);
    await look();
    assert.deepEqual(states, [undefined, 'intended', 'done']);
    await ground.effects.keep('created-vm');
  });

  test('are undone newest first', async () => {
    await using ground = await prepare();
    for (const vm of ['a', 'b', 'c']) await ground.make(vm);
    await ground.effects.undoAll();
    assert.deepEqual(ground.vsphere.destroyed, ['c', 'b', 'a']);
    assert.deepEqual(await ground.journal.open(), []);
    assert.deepEqual(ground.effects.remains, []);
  });

  test('stay when they are kept', async () => {
    await using ground = await prepare();
    await ground.make('a');
    await ground.effects.keep('created-vm');
    await ground.effects.undoAll();
    assert.deepEqual(ground.vsphere.destroyed, []);
    assert.deepEqual(await ground.journal.open(), []);
  });

  test('that cannot be undone stay in the journal with the reason, and the others are undone', async () => {
    await using ground = await prepare();
    await ground.make('a');
    await ground.effects.make('in-place-restore', { vmMoref: 'vm-1', restorePointId: 'p' }, () =>
      Promise.resolve(),
    );
    await ground.effects.undoAll();
    assert.deepEqual(ground.vsphere.destroyed, ['a']);
    assert.equal(ground.effects.remains.length, 1);
    const [left, ...more] = await ground.journal.open();
    assert.equal(left?.kind, 'in-place-restore');
    assert.ok((left.lastFailure ?? '').length > 0);
    assert.deepEqual(more, []);
  });

  test('after a definite refusal nothing is waited for', async () => {
    await using ground = await prepare();
    const before = ground.clock.now();
    const refused = new ColdframeError('no-permission', 'no');
    await assert.rejects(
      ground.effects.make('created-vm', { name: 'a', folderPath: '' }, () =>
        Promise.reject(refused),
      ),
      refused,
    );
    await ground.effects.undoAll();
    assert.equal(ground.vsphere.looks, 1);
    assert.equal(ground.clock.now(), before);
  });

  test('after a lost answer the effect is looked for until it would have shown', async () => {
    await using ground = await prepare();
    const before = ground.clock.now();
    const lost = new ColdframeError('unreachable', 'connection reset');
    await assert.rejects(
      ground.effects.make('created-vm', { name: 'a', folderPath: '' }, () => Promise.reject(lost)),
      lost,
    );
    await ground.effects.undoAll();
    assert.ok(ground.vsphere.looks > 10);
    assert.equal(ground.clock.now() - before, 20_000);
    assert.deepEqual(await ground.journal.open(), []);
  });

  test('the time for that begins with the undo, after the running vim tasks', async () => {
    await using ground = await prepare();
    const lost = new ColdframeError('unreachable', 'connection reset');
    const slow = async (): Promise<never> => {
      await ground.clock.sleep(50_000);
      throw lost;
    };
    await assert.rejects(
      ground.effects.make('created-vm', { name: 'a', folderPath: 'dc/vm' }, slow),
      lost,
    );
    const before = ground.clock.now();
    await ground.effects.undoAll();
    assert.ok(ground.clock.now() - before >= 20_000);
    assert.deepEqual(ground.vsphere.settledFor[0], { folderPath: 'dc/vm' });
  });

  test('while the vim tasks cannot be read an unknown outcome stays open', async () => {
    await using ground = await prepare();
    const lost = new ColdframeError('unreachable', 'connection reset');
    ground.vsphere.unsettled = new ColdframeError('no-permission', 'tasks may not be read');
    await assert.rejects(
      ground.effects.make('created-vm', { name: 'a', folderPath: '' }, () => Promise.reject(lost)),
      lost,
    );
    await ground.effects.undoAll();
    const [left] = await ground.journal.open();
    assert.match(left?.lastFailure ?? '', /tasks may not be read/);
  });

  test('one scope does not undo what another made', async () => {
    await using ground = await prepare();
    await ground.make('a');
    const inner = ground.effects.nested();
    await inner.make('in-place-restore', { vmMoref: 'vm-1', restorePointId: 'p' }, () =>
      Promise.resolve(),
    );
    await inner.undoAll();
    ground.effects.adopt(inner);
    assert.equal(ground.effects.remains.length, 1);
    assert.deepEqual(ground.vsphere.destroyed, []);
    await ground.effects.undoAll();
    assert.deepEqual(ground.vsphere.destroyed, ['a']);
  });
});
