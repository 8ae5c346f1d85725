import { ColdframeError } from '#core/error.ts';
import { parseNfsShare, type NfsShare, type NfsVersion } from '#core/nfs.ts';

/** Of what somebody typed; throws 'invalid-input'. */
export function nfsShareOf(text: string, version: NfsVersion): NfsShare {
  const share = parseNfsShare(text.trim(), version);
  if (share !== undefined) return share;
  throw new ColdframeError(
    'invalid-input',
    `${JSON.stringify(text)} is neither an absolute path nor an NFS export. Write it like /srv/backup or nfs://nas.example.com/backup.`,
  );
}
