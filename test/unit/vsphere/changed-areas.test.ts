import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptedClient } from './scripted-client.ts';

const capacityBytes = 1000;

interface Page {
  readonly startOffset: number;
  readonly length: number;
  readonly areas: readonly (readonly [number, number])[];
}

/** Asks a server that answers with these pages, one after the other. */
async function ask(pages: readonly Page[]) {
  let page = 0;
  const starts: number[] = [];
  await using client = await scriptedClient({
    QueryChangedDiskAreas: (body) => {
      starts.push(Number(/<startOffset>(\d+)</.exec(body)![1]));
      const { startOffset, length, areas } = pages[page++]!;
      const changed = areas.map(
        ([start, size]) =>
          `<changedArea><start>${start}</start><length>${size}</length></changedArea>`,
      );
      return `<returnval><startOffset>${startOffset}</startOffset><length>${length}</length>${changed.join('')}</returnval>`;
    },
  });
  const request = {
    vmMoref: 'vm-1',
    snapshotMoref: 's-1',
    deviceKey: 2000,
    capacityBytes,
    changeId: 'x/1',
  };
  const list = await client.connection.changedAreas(request, client.signal);
  return { list: [...list], starts };
}

test('pages are asked for until the capacity is reached', async () => {
  const { list, starts } = await ask([
    {
      startOffset: 0,
      length: 400,
      areas: [
        [0, 100],
        [300, 100],
      ],
    },
    { startOffset: 400, length: 100, areas: [] },
    {
      startOffset: 500,
      length: 500,
      areas: [
        [500, 10],
        [990, 10],
      ],
    },
  ]);
  assert.deepEqual(list, [0, 100, 300, 100, 500, 10, 990, 10]);
  assert.deepEqual(starts, [0, 400, 500]);
});

test('neighbours are merged across pages, and the last area is cut at the end', async () => {
  const { list } = await ask([
    { startOffset: 0, length: 500, areas: [[400, 100]] },
    {
      startOffset: 500,
      length: 524,
      areas: [
        [500, 100],
        [960, 64],
      ],
    },
  ]);
  assert.deepEqual(list, [400, 200, 960, 40]);
});

test('areas out of order, twice or overlapping are sorted and merged', async () => {
  const { list } = await ask([
    {
      startOffset: 0,
      length: 1000,
      areas: [
        [500, 10],
        [0, 100],
        [50, 100],
        [500, 10],
      ],
    },
  ]);
  assert.deepEqual(list, [0, 150, 500, 10]);
});

test('nothing changed is an answer', async () => {
  const { list } = await ask([{ startOffset: 0, length: 1000, areas: [] }]);
  assert.deepEqual(list, []);
});

const implausible: readonly (readonly [string, Page])[] = [
  ['no progress', { startOffset: 0, length: 0, areas: [] }],
  ['a window going back', { startOffset: 0, length: -5, areas: [] }],
  ['another start than asked', { startOffset: 64, length: 936, areas: [] }],
  ['an area before the window', { startOffset: 0, length: 1000, areas: [[-10, 20]] }],
  ['an area beyond the disk', { startOffset: 0, length: 1000, areas: [[1000, 10]] }],
  ['an area beyond the window', { startOffset: 0, length: 500, areas: [[400, 200]] }],
  ['an empty area', { startOffset: 0, length: 1000, areas: [[5, 0]] }],
];

for (const [name, page] of implausible)
  test(`an answer with ${name} is refused`, async () => {
    await assert.rejects(ask([page]), {
      code: 'vsphere-fault',
      message: /cannot be right/,
    });
  });
