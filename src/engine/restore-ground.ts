import type { ArchivedDisk, RestorePoint } from '#core/restore-point.ts';
import type { TransportChoice } from '#core/transport-plan.ts';
import type { VmDetails } from '#core/vm.ts';

import type { ChosenDisks } from './match-disks.ts';
import type { NewVmGround } from './place-new-vm.ts';

/** What a restore works with, found without changing anything. */
export interface RestoreGround {
  readonly point: RestorePoint;
  readonly chain: readonly RestorePoint[];
  /** In the order of the restore point. */
  readonly disks: readonly ArchivedDisk[];
  readonly appliance: VmDetails | undefined;
  /** The VM to overwrite; undefined when one will be made. */
  readonly vm: VmDetails | undefined;
  /** The VM to make; undefined when one is overwritten. */
  readonly newVm: NewVmGround | undefined;
  /** Targets that were chosen by hand. */
  readonly chosen?: ChosenDisks | undefined;
  /** What may carry each disk, by its label, in the order to try; none is empty. */
  readonly transports: ReadonlyMap<string, readonly TransportChoice[]>;
}
