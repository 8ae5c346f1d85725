import { z } from 'zod';

import { vmKey, type VmIdentity } from '#core/vm.ts';

import type { Store } from './store.ts';
import { openTable } from './table.ts';

type Vm = Pick<VmIdentity, 'endpointUuid' | 'instanceUuid'>;

/** How far the audit of change tracking has come on each disk: a byte offset, rolling. */
export interface AuditPositions {
  auditPosition(vm: Vm, diskLabel: string): Promise<number | undefined>;
  setAuditPosition(vm: Vm, diskLabel: string, offset: number): Promise<void>;
}

export function openAuditPositions(store: Store): AuditPositions {
  const table = openTable(store, 'audit-positions', z.number().int().nonnegative());
  const key = (vm: Vm, diskLabel: string): string => `${vmKey(vm)}/${diskLabel}`;
  return {
    auditPosition: (vm, diskLabel) => table.get(key(vm, diskLabel)),
    setAuditPosition: (vm, diskLabel, offset) =>
      store.write([table.set(key(vm, diskLabel), offset)]),
  };
}
