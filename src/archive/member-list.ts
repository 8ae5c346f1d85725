import type { Manifest, ManifestMember, RestorePointHeader } from '#core/restore-point.ts';

import { damaged } from './damage.ts';
import {
  blockBytes,
  diskMembers,
  extraNamePattern,
  headerName,
  padToBlock,
  readmeName,
  scriptName,
} from './layout.ts';

export type MemberList = ReadonlyMap<string, ManifestMember>;

/**
 * The seal's list of members by name, held to the layout: in the specified order, one after
 * the other without gaps, up to the seal itself.
 */
export function indexMembers(manifest: Manifest, sealOffset: number, file: string): MemberList {
  const list = new Map<string, ManifestMember>();
  let position = 0;
  for (const member of manifest.members) {
    const dataEnd = member.dataOffset + padToBlock(member.dataBytes);
    if (member.headerOffset !== position || member.dataOffset < position + blockBytes)
      throw damaged(
        file,
        `its seal lists ${member.name} at byte ${member.headerOffset}, not ${position}`,
      );
    if (list.has(member.name)) throw damaged(file, `its seal lists ${member.name} twice`);
    list.set(member.name, member);
    position = dataEnd;
  }
  if (position !== sealOffset) throw damaged(file, 'its seal does not list every member');
  return list;
}

/** Holds names and order to the header: what must be there is, and nothing else. */
export function checkMemberNames(
  header: RestorePointHeader,
  manifest: Manifest,
  file: string,
): void {
  const names = manifest.members.map((member) => member.name);
  let at = 0;
  const expect = (name: string): void => {
    if (names[at] !== name) throw damaged(file, `${name} is missing or out of place`);
    at++;
  };
  for (const name of [headerName, readmeName, scriptName]) expect(name);
  while (extraNamePattern.test(names[at] ?? '')) at++;
  for (const [index, disk] of header.disks.entries()) {
    const expected = diskMembers(disk.label);
    if (names[at] === expected.metadata) at++;
    expect(expected.raw);
    expect(expected.chunks);
    if (manifest.disks[index]?.label !== disk.label)
      throw damaged(file, `its seal has no figures of disk ${disk.label}`);
  }
  if (at !== names.length) throw damaged(file, `${names[at]} does not belong in an archive`);
}
