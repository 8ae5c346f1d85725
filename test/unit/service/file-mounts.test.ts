import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { ColdframeError } from '#core/error.ts';
import type { Caller } from '#core/user.ts';
import { ByteStream } from '#service/http/byte-stream.ts';
import { FileMounts, type FileMountsOptions } from '#service/operations/file-mounts.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { sampleRestorePoint } from '#test/support/sample-restore-point.ts';

const point = sampleRestorePoint({ id: 'point1', createdAtMs: 5 });
const anna: Caller = { name: 'anna', role: 'operator', via: 'page' };
const ben: Caller = { name: 'ben', role: 'operator', via: 'page' };
const chief: Caller = { name: 'chief', role: 'administrator', via: 'page' };
const order = { restorePoint: point.header.id, idleMinutes: 10 };
const { signal } = new AbortController();

class Bench {
  readonly clock = new FakeClock(1_000_000);
  readonly open: string[] = [];
  /** Ends the process that was opened last, as a crash would. */
  crash: () => void = () => undefined;
  failure: ColdframeError | undefined;
  readonly mounts: FileMounts;
  #ids = 0;

  constructor() {
    const restorePoints = {
      getRestorePoint: (id: string) => Promise.resolve(id === point.header.id ? point : undefined),
    } as unknown as FileMountsOptions['restorePoints'];
    this.mounts = new FileMounts({
      clock: this.clock,
      ids: { next: () => `mount${++this.#ids}` },
      restorePoints,
      repositories: {
        find: () => Promise.resolve({ id: 'r', name: 'main', root: '/srv', addedAtMs: 0 }),
      },
      useCases: { archivesOfPoint: () => Promise.resolve([point]) },
      identities: () => Promise.resolve([]),
      open: ({ archives }) => {
        if (this.failure !== undefined) return Promise.reject(this.failure);
        const ended = Promise.withResolvers<void>();
        const name = archives.join();
        this.open.push(name);
        this.crash = ended.resolve;
        return Promise.resolve({
          ended: ended.promise,
          volumes: () => Promise.resolve({ volumes: [], systems: [] }),
          entries: () => Promise.resolve({ entries: [], total: 0 }),
          content: () =>
            Promise.resolve(
              new ByteStream({
                contentType: 'application/x-tar',
                bytes: undefined,
                stream: Readable.from(['x']),
              }),
            ),
          [Symbol.asyncDispose]: () => {
            this.open.splice(this.open.indexOf(name), 1);
            return Promise.resolve();
          },
        });
      },
    });
  }

  async mount(caller: Caller): Promise<string> {
    const { id, state } = await this.mounts.open(order, caller);
    assert.equal(state, 'opening');
    for (let i = 0; i < 10; i++) await turn();
    return id;
  }
}

test('a mount is visible with its owner, used by him and administrators, and closed', async () => {
  const bench = new Bench();
  await using mounts = bench.mounts;
  const id = await bench.mount(anna);
  const [view] = mounts.list();
  assert.deepEqual(
    [view?.id, view?.owner, view?.state, view?.restorePoint, view?.expiresAtMs],
    [id, 'anna', 'ready', point.header.id, 1_000_000 + 600_000],
  );
  assert.deepEqual([...mounts.restorePoints()], [point.header.id]);
  assert.deepEqual(bench.open, [`/srv/${point.path}`]);
  const look = (caller: Caller): Promise<unknown> =>
    mounts.use(id, caller, (process) => process.volumes(signal));
  await look(anna);
  await look(chief);
  await assert.rejects(look(ben), { code: 'no-permission', message: /anna/ });
  await assert.rejects(mounts.close(id, ben), { code: 'no-permission' });
  await mounts.close(id, chief);
  assert.deepEqual([mounts.list(), bench.open], [[], []]);
  await assert.rejects(look(anna), { code: 'not-found' });
});

test('what is not used is closed; a download under way is a use', async () => {
  const bench = new Bench();
  await using mounts = bench.mounts;
  const id = await bench.mount(anna);
  await bench.clock.advance(9 * 60_000);
  const { stream } = await mounts.stream(id, anna, '/sda1/x', signal);
  await bench.clock.advance(60 * 60_000);
  assert.equal(mounts.list().length, 1);
  for await (const part of stream) assert.equal(String(part), 'x');
  await turn();
  await bench.clock.advance(9 * 60_000);
  assert.equal(mounts.list().length, 1);
  await bench.clock.advance(2 * 60_000);
  assert.deepEqual([mounts.list(), bench.open], [[], []]);
});

test('a mount that cannot be opened, or dies, says so until it is closed', async () => {
  const bench = new Bench();
  await using mounts = bench.mounts;
  const use = (id: string): Promise<unknown> => mounts.use(id, anna, (p) => p.volumes(signal));
  bench.failure = new ColdframeError('locked', 'This archive is encrypted.');
  const locked = await bench.mount(anna);
  assert.equal(mounts.find(locked, anna).error?.code, 'locked');
  await assert.rejects(use(locked), { code: 'locked' });
  bench.failure = undefined;
  const crashing = await bench.mount(anna);
  bench.crash();
  await turn();
  await assert.rejects(use(crashing), { code: 'process-died' });
  await assert.rejects(mounts.open({ ...order, restorePoint: 'none' }, anna), {
    code: 'not-found',
  });
});

test('only so many at a time, and all are closed at the end', async () => {
  const bench = new Bench();
  {
    await using mounts = bench.mounts;
    for (let i = 0; i < 3; i++) await bench.mount(anna);
    await assert.rejects(mounts.open(order, anna), { code: 'busy' });
    assert.equal(bench.open.length, 3);
  }
  assert.deepEqual(bench.open, []);
});
