import type { Random } from '../disk/random.ts';

/** 8-4-4-4-12, lower case, version 4. */
export function makeUuid(random: Random): string {
  const hex = random.bytes(16).toString('hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** A virtual disk's uuid as VMware makes them: 6000C29x-xxxx-... */
export function makeDiskUuid(random: Random): string {
  const hex = random.bytes(16).toString('hex');
  return `6000C29${hex[7]}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The uuid half of a changeId: "52 de c0 ... 7b 65 63". */
export function makeChangeUuid(random: Random): string {
  const pairs = ['52', ...[...random.bytes(15)].map((byte) => byte.toString(16).padStart(2, '0'))];
  return `${pairs.slice(0, 8).join(' ')}-${pairs.slice(8).join(' ')}`;
}

/** A MAC address in VMware's assigned range. */
export function makeMac(random: Random): string {
  const tail = [...random.bytes(3)].map((byte) => byte.toString(16).padStart(2, '0'));
  return `00:50:56:${['8' + tail[0]![1]!, tail[1], tail[2]].join(':')}`;
}

/** DMI product_serial of a VM with this BIOS uuid: "VMware-56 4d .. ..-.. ..". */
export function productSerial(uuid: string): string {
  const pairs = uuid.replaceAll('-', '').match(/../g)!;
  return `VMware-${pairs.slice(0, 8).join(' ')}-${pairs.slice(8).join(' ')}`;
}

/** DMI product_uuid: newer virtual hardware shows the first three groups byte-swapped. */
export function productUuid(uuid: string): string {
  const swap = (group: string): string => group.match(/../g)!.reverse().join('');
  const [a, b, c, d, e] = uuid.split('-');
  return [swap(a!), swap(b!), swap(c!), d, e].join('-');
}
