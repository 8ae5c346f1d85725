import assert from 'node:assert/strict';
import { test } from 'node:test';

import { diskLabel } from '#core/disk-label.ts';
import { parseChangeId } from '#core/change-id.ts';

test('labels name the slot, and all SCSI kinds share their numbering', () => {
  const at = (
    kind: Parameters<typeof diskLabel>[0]['controller']['kind'],
    bus: number,
    unit: number,
  ) => diskLabel({ controller: { kind, key: 1, bus, unit, sharedBus: false } });
  assert.equal(at('pvscsi', 0, 1), 'scsi0-1');
  assert.equal(at('lsilogic-sas', 3, 15), 'scsi3-15');
  assert.equal(at('nvme', 0, 0), 'nvme0-0');
  assert.equal(at('sata', 1, 2), 'sata1-2');
  assert.equal(at('ide', 0, 1), 'ide0-1');
});

test('change ids', () => {
  assert.deepEqual(parseChangeId('52 2D 11-aa/12'), { tracker: '522d11aa', sequence: 12 });
  for (const text of ['*', '', '/3', '52 2d', '52/x', '52/-1'])
    assert.equal(parseChangeId(text), undefined);
});
