/** What a journal entry's marker says: which appliance made the thing, and by which entry. */
export interface OwnMarker {
  readonly applianceId: string;
  readonly entryId: string;
}

const pattern = /coldframe:([A-Za-z0-9_-]+):([A-Za-z0-9_-]+)/;

/** The marker in a snapshot's description or a VM's setting; undefined: no coldframe made it. */
export function markerIn(text: string): OwnMarker | undefined {
  const [, applianceId, entryId] = pattern.exec(text) ?? [];
  return applianceId === undefined || entryId === undefined ? undefined : { applianceId, entryId };
}
