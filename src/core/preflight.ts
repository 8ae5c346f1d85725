import { protectionGap } from './disk-protection.ts';
import { unfinishedRestoreKey, unfinishedVmKey } from './own-settings.ts';
import type { VmDetails } from './vm.ts';

/** One thing found about a VM before anything is changed. */
export interface Finding {
  /** blocks: no backup; degrades: the backup lacks something; informs: good to know. */
  readonly effect: 'blocks' | 'degrades' | 'informs';
  /** Stable name for scripts. */
  readonly id: string;
  /** What is the matter and what to do, for people. */
  readonly text: string;
}

/** Looks at a VM's own state; `ownMoref` is the appliance's own VM when known. */
export function preflightBackup(vm: VmDetails, ownMoref: string | undefined): readonly Finding[] {
  const findings: Finding[] = [];
  const say = (effect: Finding['effect'], id: string, text: string): void => {
    findings.push({ effect, id, text });
  };

  if (vm.connectionState !== 'connected')
    say(
      'blocks',
      'not-connected',
      `vSphere reports the VM as "${vm.connectionState}"; bring its host back first.`,
    );
  if (vm.consolidationNeeded)
    say(
      'blocks',
      'consolidation-needed',
      "The VM's disks need consolidation. Consolidate them in the vSphere Client, then back up again.",
    );
  if (vm.question !== undefined)
    say('blocks', 'question', `The VM waits for an answer in the vSphere Client: ${vm.question}`);
  if (vm.faultToleranceOn)
    say('blocks', 'fault-tolerance', 'Fault Tolerance is on, which allows no snapshot.');
  if (!vm.snapshotsSupported && !vm.faultToleranceOn)
    say(
      'blocks',
      'no-snapshots',
      "vSphere allows no snapshot of this VM. Look at the host's licence, and at what the VM is set up with.",
    );
  if (vm.identity.moref === ownMoref)
    say('blocks', 'own-vm', 'This is the appliance itself; it cannot back up its own VM.');
  const mixedFrom = vm.extraConfig.get(unfinishedRestoreKey) ?? '';
  if (mixedFrom !== '')
    say(
      'blocks',
      'unfinished-restore',
      `Its disks are a mix of old and restored data: a restore from restore point ${mixedFrom} did not finish. ` +
        `Restore it again first. If it was made good otherwise, remove the setting ${unfinishedRestoreKey} from the VM's advanced parameters.`,
    );
  if ((vm.extraConfig.get(unfinishedVmKey) ?? '') !== '')
    say(
      'blocks',
      'unfinished-vm',
      'A restore is making this VM, or left it half made: not all of its disks are written. Wait for the restore, or delete the VM.',
    );

  if (vm.template)
    say(
      'degrades',
      'template',
      'This is a template. Changed block tracking is not switched on for it, so backups are full unless it was on before. Where vSphere refuses the snapshot, convert it to a VM for the backup.',
    );
  if (!vm.toolsRunning && vm.powerState === 'poweredOn')
    say(
      'degrades',
      'no-tools',
      'VMware Tools is not running, so the guest cannot be quiesced; the backup is crash-consistent.',
    );
  if (!vm.changeTrackingSupported)
    say(
      'degrades',
      'no-change-tracking',
      `Hardware version ${vm.hardwareVersion} or the storage has no changed block tracking; every backup is full.`,
    );
  let unprotected = 0;
  for (const disk of vm.disks) {
    const gap = protectionGap(disk);
    if (gap === undefined) continue;
    unprotected += 1;
    say('degrades', 'disk-not-protected', `${disk.label} is not backed up: ${gap}.`);
  }
  if (unprotected === vm.disks.length)
    say('blocks', 'nothing-to-protect', 'No disk of this VM can be backed up by a snapshot.');

  if (vm.encrypted)
    say(
      'informs',
      'encrypted',
      'The VM is encrypted; its disks are plain in the archive. Protect the repository.',
    );
  return findings;
}
