import assert from 'node:assert/strict';
import { it } from 'node:test';

import { readEnvironment } from '#cli/environment.ts';

function fakeProcess(env: Record<string, string>, isTTY: boolean): NodeJS.Process {
  const stream = { isTTY, columns: 120 };
  return { env, stdin: stream, stdout: stream, stderr: stream } as unknown as NodeJS.Process;
}

it('takes colours, bars and questions for a terminal only', () => {
  const terminal = readEnvironment(fakeProcess({}, true));
  assert.deepEqual(
    [terminal.color, terminal.liveProgress, terminal.interactive, terminal.width],
    [true, true, true, 120],
  );
  const pipe = readEnvironment(fakeProcess({}, false));
  assert.ok(!pipe.color && !pipe.liveProgress && !pipe.interactive);
  assert.equal(pipe.width, Number.POSITIVE_INFINITY);
});

it('listens to NO_COLOR, TERM and COLDFRAME_DATA_DIR', () => {
  assert.equal(readEnvironment(fakeProcess({ NO_COLOR: '1' }, true)).color, false);
  assert.equal(readEnvironment(fakeProcess({ NO_COLOR: '' }, true)).color, true);
  const dumb = readEnvironment(fakeProcess({ TERM: 'dumb' }, true));
  assert.ok(!dumb.color && !dumb.liveProgress && dumb.interactive);
  assert.equal(readEnvironment(fakeProcess({}, true)).dataDir, '/var/lib/coldframe');
  assert.equal(readEnvironment(fakeProcess({ COLDFRAME_DATA_DIR: '/d' }, true)).dataDir, '/d');
});
