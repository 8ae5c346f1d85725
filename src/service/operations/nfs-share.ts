import { ColdframeError } from '#core/error.ts';
import { parseNfsShare, type NfsShare, type NfsVersion } from '#core/nfs.ts';

/** Of what somebody typed; throws 'invalid-input'. */
export function nfsShareOf(text: string, version: NfsVersion): NfsShare {
  const share = parseNfsShare(text.trim(), version);
  if (share !== undefined) return share;
  throw new ColdframeError(
    'invalid-input',
    `${JSON.stringify(text)} is no NFS export. Write it like nfs://nas.example.com/backup; a folder of this machine goes by its absolute path.`,
  );
}
