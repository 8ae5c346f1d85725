import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import { namingDisk } from '#mover/write-failure.ts';

function named(name: string, text: string): ColdframeError {
  const error = namingDisk('scsi1-0', new ColdframeError('disk', text, { details: { name } }));
  assert.ok(error instanceof ColdframeError);
  assert.equal(error.code, 'disk');
  assert.deepEqual(error.details, { name, label: 'scsi1-0' });
  return error;
}

test('a device that went away is told with its disk and what to do', () => {
  for (const name of ['ENXIO', 'ENODEV'])
    assert.match(
      named(name, 'No such device').message,
      /^The device of disk scsi1-0 went away .* \(No such device\)\. Look in vSphere/,
    );
});

test('any other failure of the disk names it too', () => {
  assert.match(
    named('VIX_E_FILE_ERROR', 'The host had an error on the file.').message,
    /^Disk scsi1-0 could not be restored: The host had an error on the file\. Check its datastore/,
  );
});

test('what is not about the disk stays as it is', () => {
  const errors = [new ColdframeError('archive-damaged', 'x'), new Error('y')];
  for (const error of errors) assert.equal(namingDisk('scsi1-0', error), error);
});
