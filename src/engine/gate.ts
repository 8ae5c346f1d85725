import type { EngineContext } from './ports.ts';

/** Lets one at a time through, in the order of asking. */
export class Gate {
  #last: Promise<void> = Promise.resolve();

  async pass<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      return await work();
    } finally {
      resolve();
    }
  }
}

const gates = new WeakMap<EngineContext['vsphere'], Gate>();

/** vSphere takes one reconfiguration of the appliance's VM at a time; more would time out on locks. */
export function hotAddGate(context: EngineContext): Gate {
  let gate = gates.get(context.vsphere);
  if (gate === undefined) gates.set(context.vsphere, (gate = new Gate()));
  return gate;
}
