import type { SnapshotContents } from '#core/vm.ts';
import { disksOf } from './disks.ts';
import { readPlacement } from './placement.ts';
import { objectProperties } from './properties.ts';
import { cutProperty } from './raw-property.ts';
import { listAt, required } from './value.ts';
import { snapshotRef, type Vim } from './vim.ts';

/** The configuration that a snapshot froze, and where its VM stands. Throws `not-found`. */
export async function readSnapshotContents(
  vim: Vim,
  { vmMoref, snapshotMoref }: { readonly vmMoref: string; readonly snapshotMoref: string },
  signal: AbortSignal,
): Promise<SnapshotContents> {
  const snapshot = snapshotRef(snapshotMoref);
  const { value, body } = await vim.connection.callForBody(
    'RetrievePropertiesEx',
    {
      _this: vim.connection.service('propertyCollector'),
      specSet: [
        {
          propSet: [{ type: snapshot.type, pathSet: ['config'] }],
          objectSet: [{ obj: snapshot }],
        },
      ],
      options: {},
    },
    { signal },
  );
  const [object] = listAt(value, 'objects').map(objectProperties);
  const config = required(object?.values['config'], 'configuration of the snapshot');
  return {
    configXml: cutProperty(body, 'config'),
    config,
    disks: disksOf(config),
    placement: await readPlacement(vim, vmMoref, signal),
  };
}
