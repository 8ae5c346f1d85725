import { ColdframeError } from '#core/error.ts';

/** What the kernel says of a device that was taken away. */
const goneNames: ReadonlySet<unknown> = new Set(['ENXIO', 'ENODEV', 'ENOENT']);

/** Says which disk a restore failed on and what to do; only for failures of the disk itself. */
export function namingDisk(label: string, error: unknown): unknown {
  if (!(error instanceof ColdframeError) || error.code !== 'disk') return error;
  const said = error.message.replace(/\.$/, '');
  const message = goneNames.has(error.details['name'])
    ? `The device of disk ${label} went away while it was being restored (${said}). ` +
      'Look in vSphere for who detached it from the appliance, then restore again.'
    : `Disk ${label} could not be restored: ${said}. ` +
      'Check its datastore and the way to it, or name another transport, then restore again.';
  return new ColdframeError(error.code, message, {
    cause: error,
    details: { ...error.details, label },
  });
}
