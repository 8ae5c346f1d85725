import type { Collector, WaitOptions } from '../property/collector.ts';
import { checkPath, readPath } from '../property/path.ts';
import type { FilterSpec } from '../property/select.ts';
import { notFound } from '../model/inventory.ts';
import { isA } from '../schema/table.ts';
import type { Ref } from '../soap/values.ts';
import { refKey } from '../soap/values.ts';
import type { Call, Handler } from './call.ts';
import { loggedIn } from './call.ts';

export const propertyHandlers: Readonly<Record<string, Handler>> = {
  RetrieveProperties: (call) => {
    const all = collector(call).retrieve(specs(call), Number.MAX_SAFE_INTEGER);
    return (all as { objects: object[] } | undefined)?.objects ?? [];
  },
  RetrievePropertiesEx: (call) => {
    const options = call.parameters['options'] as { maxObjects?: number };
    return collector(call).retrieve(specs(call), options.maxObjects);
  },
  ContinueRetrievePropertiesEx: (call) =>
    collector(call).continueRetrieve(call.parameters['token'] as string),
  CancelRetrievePropertiesEx: (call) => {
    collector(call).cancelRetrieve(call.parameters['token'] as string);
  },
  // Not in the published API; pyVmomi reads every property with it.
  Fetch: (call) => {
    const object = loggedIn(call).find(call.target);
    if (object === undefined) throw notFound(call.target);
    checkPath(call.target.type, call.parameters['prop'] as string);
    return readPath(object, call.parameters['prop'] as string);
  },
  CreateFilter: (call) => {
    const self = loggedIn(call).nextRef('PropertyFilter');
    collector(call).addFilter(self, call.parameters['spec'] as FilterSpec);
    return self;
  },
  DestroyPropertyFilter: (call) => {
    const removed = [...loggedIn(call).collectors.values()].some((each) =>
      each.removeFilter(call.target),
    );
    if (!removed) throw notFound(call.target);
  },
  CreatePropertyCollector: (call) => loggedIn(call).addCollector(),
  DestroyPropertyCollector: (call) => {
    collector(call).close();
    loggedIn(call).collectors.delete(call.target.value);
  },
  WaitForUpdatesEx: async (call) =>
    await collector(call).wait(
      (call.parameters['version'] as string | undefined) ?? '',
      (call.parameters['options'] as WaitOptions | undefined) ?? {},
    ),
  WaitForUpdates: async (call) =>
    await collector(call).wait((call.parameters['version'] as string | undefined) ?? '', {}),
  CheckForUpdates: async (call) =>
    await collector(call).wait((call.parameters['version'] as string | undefined) ?? '', {
      maxWaitSeconds: 0,
    }),
  CancelWaitForUpdates: (call) => {
    collector(call).cancelWaits();
  },
  CreateContainerView: createContainerView,
  DestroyView: (call) => {
    if (!loggedIn(call).objects.delete(refKey(call.target))) throw notFound(call.target);
  },
};

function collector(call: Call): Collector {
  const found = loggedIn(call).collectors.get(call.target.value);
  if (found === undefined) throw notFound(call.target);
  return found;
}

function specs(call: Call): readonly FilterSpec[] {
  return call.parameters['specSet'] as readonly FilterSpec[];
}

/** A live view: its `view` property follows the inventory. */
function createContainerView(call: Call): Ref {
  const connection = loggedIn(call);
  const container = call.parameters['container'] as Ref;
  const types = (call.parameters['type'] as readonly string[] | undefined) ?? ['ManagedEntity'];
  const recursive = call.parameters['recursive'] as boolean;
  call.site.inventory.get(container);
  const self = connection.nextRef('ContainerView');
  connection.objects.set(refKey(self), {
    ref: self,
    read: {
      container: () => container,
      type: () => types,
      recursive: () => recursive,
      view: () =>
        entitiesBelow(call, container, recursive).filter((each) =>
          types.some((type) => isA(each.type, type)),
        ),
    },
  });
  return self;
}

function entitiesBelow(call: Call, container: Ref, recursive: boolean): Ref[] {
  const { inventory } = call.site;
  const children = new Map<string, Ref[]>();
  for (const object of inventory.ofType('ManagedEntity')) {
    const parent = object.read['parent']?.() as Ref | undefined;
    if (parent === undefined) continue;
    const list = children.get(parent.value);
    if (list === undefined) children.set(parent.value, [object.ref]);
    else list.push(object.ref);
  }
  const walk = (from: Ref): Ref[] =>
    (children.get(from.value) ?? []).flatMap((child) =>
      recursive ? [child, ...walk(child)] : [child],
    );
  return walk(container);
}
