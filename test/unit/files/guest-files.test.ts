import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import type { GuestEntry } from '#core/guest-files.ts';
import { GuestFiles } from '#files/guest-files.ts';
import type { Guestfish } from '#files/guestfish.ts';
import type { Word } from '#files/guestfish-words.ts';
import { temporaryFolder, type TemporaryFolder } from '#test/support/temporary-folder.ts';

const usage = { totalBytes: 1, freeBytes: 1 };
const volume = { device: '/dev/sda1', fileSystem: 'ext4', label: '' };
const found = {
  volumes: [
    { ...volume, name: 'sda1', usage },
    { ...volume, name: 'sda2', fileSystem: 'crypto_LUKS' },
    { ...volume, name: 'sda3', error: 'mount: wrong fs type' },
  ],
  systems: [],
};

/** A volume with one folder of so many files; `download` answers with the bytes and the end given. */
function filesWith(
  dir: TemporaryFolder,
  options: {
    readonly names: readonly string[];
    readonly asked?: string[];
    readonly download?: (pipe: string) => Promise<void>;
  },
): GuestFiles {
  const run = async (words: readonly Word[]): Promise<string> => {
    const [command, path, list = ''] = words.map(String);
    options.asked?.push(command!);
    if (command === 'ls0') {
      // libguestfs does not sort.
      await writeFile(
        list,
        options.names
          .toReversed()
          .map((name) => `${name}\0`)
          .join(''),
      );
      return '';
    }
    if (command === 'lstatnslist')
      return list
        .split(' ')
        .map((name, i) => `[${i}] = {\n  st_mode: 33188\n  st_size: ${Number(name.slice(1))}\n}\n`)
        .join('');
    if (command === 'lstatns' && path === '/sda1/file') return 'st_mode: 33188\nst_size: 4\n';
    if (command === 'lstatns' && path === '/sda1') return 'st_mode: 16877\nst_size: 0\n';
    if (command === 'download') await options.download?.(list);
    else throw new ColdframeError('io', `${command}: ${path}: No such file or directory`);
    return '';
  };
  const guestfish = { run } as unknown as Guestfish;
  return new GuestFiles({ guestfish, found, folder: dir.path });
}

test('a folder of 100,000 files is listed page by page, asked for once', async () => {
  await using dir = await temporaryFolder();
  const names = Array.from({ length: 100_000 }, (_, i) => `f${String(i).padStart(6, '0')}`);
  const asked: string[] = [];
  const files = filesWith(dir, { names, asked });
  const all: GuestEntry[] = [];
  for (let from: number | undefined = 0; from !== undefined;) {
    const page = await files.list('/sda1/many', { from, limit: 1000 });
    assert.equal(page.total, names.length);
    all.push(...page.entries);
    from = page.next;
  }
  assert.deepEqual(
    all.map(({ name }) => name),
    names,
  );
  for (const { name, bytes } of all) assert.equal(bytes, Number(name.slice(1)));
  assert.equal(asked.filter((command) => command === 'ls0').length, 1);
  assert.ok(asked.length < 300, `${asked.length} commands`);
});

test('a download that fails in the middle does not end as if it were whole', async () => {
  await using dir = await temporaryFolder();
  const failing = filesWith(dir, {
    names: [],
    download: async (pipe) => {
      await writeFile(pipe, 'ab');
      throw new ColdframeError('io', 'download: /sda1/file: Input/output error');
    },
  });
  const { parts, bytes } = await failing.open('/sda1/file');
  assert.equal(bytes, 4);
  await assert.rejects(buffer(parts), { code: 'io' });
  const unopened = filesWith(dir, {
    names: [],
    download: () => Promise.reject(new ColdframeError('io', 'no')),
  });
  await assert.rejects(buffer((await unopened.open('/sda1/file')).parts), { code: 'io' });
  const whole = filesWith(dir, { names: [], download: (pipe) => writeFile(pipe, 'abcd') });
  assert.equal((await buffer((await whole.open('/sda1/file')).parts)).toString(), 'abcd');
});

test('volumes without files say why', async () => {
  await using dir = await temporaryFolder();
  const files = filesWith(dir, { names: [] });
  await assert.rejects(files.open('/sda2/x'), { code: 'not-found', message: /crypto_LUKS/ });
  await assert.rejects(files.open('/sda3/x'), { code: 'not-found', message: /wrong fs type/ });
  await assert.rejects(files.open('/sda1/none'), { code: 'not-found', message: /no such file/ });
  const root = await files.list('/', { from: 0, limit: 10 });
  assert.deepEqual(
    root.entries.map(({ path }) => path),
    ['/sda1'],
  );
});
