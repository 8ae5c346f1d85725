import type { HealthReport, RepositoryView } from '#core/api.ts';
import type { Endpoint } from '#core/config.ts';
import { toErrorRecord } from '#core/error.ts';
import type { VmSummary } from '#core/vm.ts';

import { Remembered } from './remembered.ts';
import type { WebServices } from './services.ts';

export interface InventoryVm {
  readonly endpoint: Endpoint;
  readonly vm: VmSummary;
  /** The appliance's own VM, which it cannot back up. */
  readonly own: boolean;
}

export interface Inventory {
  /** Of every endpoint, by name. */
  readonly vms: readonly InventoryVm[];
  /** Endpoints that did not answer, with the reason. */
  readonly failures: readonly { readonly endpoint: Endpoint; readonly message: string }[];
  readonly readAtMs: number;
}

/** What takes long to find out and is shown on many pages. */
export interface Slow {
  inventory(): Promise<Inventory>;
  repositories(): Promise<readonly RepositoryView[]>;
  health(): Promise<HealthReport>;
  /** After a change that the next reader must see. */
  forget(): void;
  /** Begins to find out, so that the first reader need not wait. */
  warm(): void;
}

const inventoryAgeMs = 30_000;
const longestMs = 60_000;

export function rememberSlow(services: WebServices): Slow {
  const { clock } = services;
  const of = <T>(maxAgeMs: number, load: () => Promise<T>): Remembered<T> =>
    new Remembered({ clock, maxAgeMs, patienceMs: 700, load });
  const inventory = of(inventoryAgeMs, () => readInventory(services));
  const repositories = of(10_000, () => services.repositories.list(AbortSignal.timeout(longestMs)));
  const health = of(2000, () => services.health());
  let known = '';
  return {
    async inventory() {
      // The API adds and removes endpoints too.
      const ids = (await services.endpoints.list()).map(({ id }) => id).join();
      if (ids !== known) inventory.forget();
      known = ids;
      return inventory.get();
    },
    repositories: () => repositories.get(),
    health: () => health.get(),
    warm() {
      // Whoever reads next is told what went wrong.
      void Promise.all([inventory.get(), repositories.get()]).catch(() => undefined);
    },
    forget() {
      for (const each of [inventory, repositories, health]) each.forget();
    },
  };
}

/** One endpoint that does not answer takes nobody else with it. */
async function readInventory(services: WebServices): Promise<Inventory> {
  const failures: { endpoint: Endpoint; message: string }[] = [];
  const lists = await Promise.all(
    (await services.endpoints.list()).map(async (endpoint): Promise<InventoryVm[]> => {
      try {
        const signal = AbortSignal.timeout(longestMs);
        const [vms, own] = await Promise.all([
          services.endpoints.listVms(endpoint.id, signal),
          services.ownVm(endpoint.id, signal),
        ]);
        return vms.map((vm) => ({ endpoint, vm, own: vm.identity.moref === own }));
      } catch (error) {
        failures.push({ endpoint, message: toErrorRecord(error).message });
        return [];
      }
    }),
  );
  const byName = new Intl.Collator('en', { numeric: true }).compare;
  const vms = lists.flat().toSorted((a, b) => byName(a.vm.identity.name, b.vm.identity.name));
  return { vms, failures, readAtMs: services.clock.now() };
}
