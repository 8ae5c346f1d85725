import assert from 'node:assert/strict';
import { it } from 'node:test';

import { exitCodeOfView } from '#cli/follow-run.ts';
import { Output } from '#cli/output.ts';
import { showRun } from '#cli/show-run.ts';
import type { RunView } from '#core/api.ts';
import type { RunState, TaskRecord } from '#core/run.ts';

function shown(view: RunView): string {
  let out = '';
  const silent = { write: () => undefined };
  const options = { out: { write: (text: string) => (out += text) }, err: silent };
  showRun(new Output({ ...options, color: false, json: false, width: 200 }), view);
  return out;
}

function view(state: RunState, task: Partial<TaskRecord> = {}): RunView {
  const common = { kind: 'backup', createdAtMs: 0, startedAtMs: 0, endedAtMs: 65_000 } as const;
  return {
    run: { ...common, id: 'run1', title: 'Back up web', jobName: null, state, taskIds: ['t'] },
    tasks: [
      {
        ...common,
        id: 't',
        runId: 'run1',
        subject: 'web',
        request: {},
        state,
        disks: [],
        warnings: [],
        ...task,
      },
    ],
  };
}

it('shows what a good backup made, by which way and why', () => {
  const text = shown(
    view('succeeded', {
      result: {
        restorePointId: 'rp1',
        kind: 'incremental',
        consistency: 'application',
        path: 'web/x.tar.zst',
        archiveBytes: 1024 * 1024,
        readBytes: 64 * 1024 * 1024,
        durationMs: 2000,
        disks: [
          {
            label: 'scsi0-0',
            mode: 'incremental',
            modeReason: 'changed blocks since Monday',
            transport: 'hotadd',
            transportReason: 'first choice',
          },
        ],
      },
    }),
  );
  assert.match(text, /^Back up web: done\n/);
  assert.match(text, /Took +1 min 05 s/);
  assert.match(text, /Restore point +rp1/);
  assert.match(text, /web\/x\.tar\.zst \(1\.0 MiB\)/);
  assert.match(text, /64\.0 MiB in 2\.0 s, 32\.0 MiB\/s/);
  assert.match(
    text,
    /scsi0-0 {2}incremental: changed blocks since Monday, by hotadd \(first choice\)/,
  );
});

it('shows warnings, and an error with what lies behind it', () => {
  const warned = shown(view('warned', { warnings: ['The guest was not\u001b[2J quiesced.'] }));
  assert.match(warned, /done, with warnings/);
  assert.match(warned, /Warning: The guest was not\\x1b\[2J quiesced\./);
  const failed = shown(
    view('failed', {
      error: {
        code: 'disk',
        message: 'Disk 1 cannot be read.',
        cause: { code: 'io', message: 'EIO' },
      },
    }),
  );
  assert.match(failed, / {2}Error: Disk 1 cannot be read\.\n {2}because: EIO\n/);
});

it('says why nothing was read: zeros in a full backup, no change in an incremental', () => {
  const result = { readBytes: 0, durationMs: 900 };
  const text = (kind: string) => shown(view('succeeded', { result: { ...result, kind } }));
  assert.match(text('full'), /Read +nothing: the disks hold only zeros/);
  assert.match(text('incremental'), /Read +nothing: no block had changed/);
});

it('survives results of shapes that it does not know', () => {
  for (const result of [{}, { disks: 'none', path: 5 }, { disks: [{}, { label: 7 }] }])
    assert.match(shown(view('succeeded', { result })), /web: done/);
});

it('passes the kind of failure on to scripts', () => {
  const failed = (code: 'no-space' | 'archive-damaged') =>
    exitCodeOfView(view('failed', { error: { code, message: 'x' } }));
  assert.equal(failed('no-space'), 9);
  assert.equal(failed('archive-damaged'), 8);
  assert.equal(exitCodeOfView(view('succeeded')), 0);
  assert.equal(exitCodeOfView(view('warned')), 3);
  assert.equal(exitCodeOfView(view('cancelled')), 130);
  assert.equal(exitCodeOfView(view('interrupted')), 1);
});
