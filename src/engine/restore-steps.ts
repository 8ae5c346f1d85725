import type { RestoreGround } from './restore-ground.ts';
import type { InPlaceTarget, NewVmTarget, RestoreRequest } from './requests.ts';

/** What a restore would do to vSphere, in order, in sentences. */
export function restoreSteps(ground: RestoreGround, request: RestoreRequest): readonly string[] {
  const { target, powerOn, readBack } = request;
  const bytes = ground.disks.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0);
  return [
    ...(target.kind === 'new-vm' ? making(ground, target) : overwriting(ground, target)),
    `Write ${ground.disks.map(({ label }) => label).join(', ')}, together ${bytes} bytes at most.`,
    readBack === 'off'
      ? 'Read nothing back: what was written stays unproven.'
      : `Read ${readBack === 'full' ? 'everything that was written' : 'samples of what was written'} back and compare digests.`,
    ...(target.kind === 'in-place' && ground.vm?.changeTrackingEnabled === true
      ? ['Switch changed block tracking on again: the next backup is a full.']
      : []),
    powerOn ? 'Power the VM on.' : 'Leave the VM powered off.',
  ];
}

function making({ newVm }: RestoreGround, target: NewVmTarget): readonly string[] {
  const { folderPath, computeName, datastoreName } = newVm!.place;
  const { keepIdentity, keepMacAddresses = keepIdentity } = target;
  const identity = keepIdentity
    ? 'with the UUIDs and MAC addresses of the original'
    : `with new UUIDs and ${keepMacAddresses ? 'the MAC addresses of the original' : 'new MAC addresses'}`;
  const connected = target.connectNetworks ?? keepIdentity;
  return [
    `Create the VM "${target.name}" in folder "${folderPath}" on "${computeName}", its files on [${datastoreName}], ${identity}; its network cards ${connected ? 'are connected as they were' : 'start disconnected'}.`,
    ...Object.entries(target.networkMap ?? {}).map(
      ([from, to]) => `Connect what was on network "${from}" to "${to}".`,
    ),
  ];
}

function overwriting({ vm }: RestoreGround, { rollback }: InPlaceTarget): readonly string[] {
  const name = vm!.identity.name;
  return [
    ...(vm!.powerState === 'poweredOff' ? [] : [`Power ${name} off, without asking its guest.`]),
    ...(rollback === true
      ? [`Take a snapshot of ${name} to ask what has changed, and remove it.`]
      : []),
    ...(vm!.changeTrackingEnabled ? ['Switch changed block tracking off.'] : []),
    `Mark ${name} as unfinished until all is written.`,
  ];
}
