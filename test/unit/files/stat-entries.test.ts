import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Guestfish } from '#files/guestfish.ts';
import { commandLine, type Word } from '#files/guestfish-words.ts';
import { statEntries } from '#files/stat-entries.ts';

/** Answers as guestfish does: a figure for each name, its length. */
function fakeGuestfish(asked: string[]): Guestfish {
  const run = (words: readonly Word[]): Promise<string> => {
    asked.push(commandLine(words).toString('latin1'));
    const [command, path, list] = words.map(String);
    if (command === 'lstatns') return Promise.resolve(`st_mode: 33188\nst_size: ${path!.length}\n`);
    const names = list!.split(' ');
    return Promise.resolve(
      names
        .map((name, i) => `[${i}] = {\n  st_mode: 33188\n  st_size: ${name.length}\n}\n`)
        .join(''),
    );
  };
  return { run } as unknown as Guestfish;
}

test('plain names are asked for together, odd ones alone, and all come back in order', async () => {
  const asked: string[] = [];
  const names = Array.from({ length: 3000 }, (_, i) => Buffer.from('n'.repeat(1 + (i % 60))));
  names[7] = Buffer.from("it's odd");
  names[9] = Buffer.from('"');
  const stats = await statEntries(fakeGuestfish(asked), Buffer.from('/v'), names);
  for (const [i, stat] of stats.entries()) {
    const isOdd = i === 7 || i === 9;
    assert.equal(stat.get('st_size'), names[i]!.length + (isOdd ? '/v/'.length : 0), `name ${i}`);
  }
  assert.ok(asked.length < 30, `${asked.length} commands`);
  assert.equal(asked.filter((line) => line.startsWith('-lstatns ')).length, 2);
});

test('an entry that libguestfs cannot look at is an error and no file of nothing', async () => {
  const guestfish = {
    run: () =>
      Promise.resolve('[0] = {\n  st_ino: -1\n  st_mode: 0\n}\n[1] = {\n  st_mode: 1\n}\n'),
  } as unknown as Guestfish;
  const names = [Buffer.from('a'), Buffer.from('b')];
  await assert.rejects(statEntries(guestfish, Buffer.from('/v'), names), { code: 'io' });
});
