import { ColdframeError } from '#core/error.ts';
import { isA, types } from './schema/table.ts';
import { numberAt, textAt, typeOf, type VimValue } from './value.ts';

const maxControllers = 4;
const unitsPerController = 16;
const controllersOwnUnit = 7;

export interface Slot {
  /** Key of the controller; negative when it is one of `added`. */
  readonly controllerKey: number;
  readonly bus: number;
  readonly unit: number;
}

export interface SlotPlan {
  readonly slots: readonly Slot[];
  /** PVSCSI controllers to add, with temporary negative keys. */
  readonly added: readonly { readonly key: number; readonly bus: number }[];
}

interface Controller {
  readonly key: number;
  readonly bus: number;
  readonly pvscsi: boolean;
  readonly taken: ReadonlySet<number>;
}

/**
 * Free slots for `count` disks on PVSCSI controllers. The first controller holds the
 * VM's own disks and is left alone as soon as there is another. Controllers are added while
 * vSphere allows it. Throws `busy` when there is no room.
 */
export function planSlots(devices: readonly VimValue[], count: number): SlotPlan {
  const controllers = scsiControllers(devices);
  const [, ...others] = controllers;
  const usable = (others.length > 0 ? others : controllers).filter(({ pvscsi }) => pvscsi);
  const slots = usable.flatMap(freeSlots);
  const added: { key: number; bus: number }[] = [];
  const freeBuses = [0, 1, 2, 3].filter((bus) => !controllers.some((c) => c.bus === bus));
  while (slots.length < count && controllers.length + added.length < maxControllers) {
    const bus = freeBuses[added.length];
    if (bus === undefined) break;
    const key = -1 - added.length;
    added.push({ key, bus });
    slots.push(...freeSlots({ key, bus, pvscsi: true, taken: new Set() }));
  }
  if (slots.length < count)
    throw new ColdframeError(
      'busy',
      `The appliance has room for ${slots.length} more disks on its PVSCSI controllers, ${count} are needed. Wait for other tasks to finish, or run fewer at once.`,
      { details: { free: slots.length, needed: count } },
    );
  return { slots: slots.slice(0, count), added };
}

function scsiControllers(devices: readonly VimValue[]): readonly Controller[] {
  return devices
    .filter((device) => types.has(typeOf(device)) && isA(typeOf(device), 'VirtualSCSIController'))
    .map((device) => {
      const key = numberAt(device, 'key') ?? 0;
      return {
        key,
        bus: numberAt(device, 'busNumber') ?? 0,
        pvscsi:
          typeOf(device) === 'ParaVirtualSCSIController' &&
          textAt(device, 'sharedBus') === 'noSharing',
        taken: new Set(
          devices
            .filter((child) => numberAt(child, 'controllerKey') === key)
            .map((child) => numberAt(child, 'unitNumber') ?? -1),
        ),
      };
    })
    .sort((a, b) => a.bus - b.bus);
}

function freeSlots({ key, bus, taken }: Controller): readonly Slot[] {
  return Array.from({ length: unitsPerController }, (_, unit) => unit)
    .filter((unit) => unit !== controllersOwnUnit && !taken.has(unit))
    .map((unit) => ({ controllerKey: key, bus, unit }));
}
