import assert from 'node:assert/strict';
import { test } from 'node:test';

import { restoreReadme, restoreScript } from '#archive/restore-files.ts';
import { sampleHeader } from '#test/support/archive-samples.ts';

const disk = { label: 'a', data: Buffer.alloc(512), extents: new Float64Array(0) };

test('RESTORE.txt says what is needed, and names cannot steer a terminal', () => {
  const header = sampleHeader([disk], {
    parent: { id: 'parent-1', seal: '0'.repeat(64) },
    kind: 'incremental',
  });
  const name = 'evil\u001b[2J\r\nRestore point FAKE\u202e';
  const text = restoreReadme({ ...header, vm: { ...header.vm, name } }).toString('utf8');
  assert.match(text, /the disks need that\narchive too/);
  assert.match(text, /parent-1/);
  assert.match(text, /disks\/a\.raw +"Hard disk 1", 512 bytes, full/);
  assert.match(text, /"evil\?\[2J\?\?Restore point FAKE\?"/);
  assert.doesNotMatch(text, /[^\n\x20-\x7e]/);
  assert.match(restoreReadme(sampleHeader([])).toString('utf8'), /stands alone/);
});

test('restore.sh is a shell script of moderate size', () => {
  const script = restoreScript().toString('utf8');
  assert.ok(script.startsWith('#!/bin/sh\n'));
  assert.ok(script.length < 16 * 1024);
});
