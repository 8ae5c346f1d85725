import type { Clock } from '#core/clock.ts';
import { toErrorRecord } from '#core/error.ts';
import type { Stray, StrayReleaseView, StrayView } from '#core/strays.ts';

import type { UseCases } from '../ports.ts';
import type { Endpoints } from './endpoints.ts';

/** Snapshots of others are told of after so long. */
export const defaultForeignDays = 7;

export interface StrayOptions {
  readonly endpoints: Endpoints;
  readonly useCases: Pick<UseCases, 'listStrays' | 'releaseStrays'>;
  readonly clock: Clock;
}

export interface StrayOrder {
  /** Id or name; absent: all. */
  readonly endpoint?: string | undefined;
  readonly foreignAfterDays?: number | undefined;
}

export interface Strays {
  /** What the last look found; undefined: nobody has looked yet. */
  last(): StrayView | undefined;
  look(order: StrayOrder, signal: AbortSignal): Promise<StrayView>;
  /** Without ids everything that is provably ours; an endpoint that does not answer is said. */
  release(
    order: StrayOrder & { readonly ids?: readonly string[] | undefined },
    signal: AbortSignal,
  ): Promise<StrayReleaseView>;
}

/** What stands in vSphere and the journal does not account for, on every endpoint. */
export function createStrays({ endpoints, useCases, clock }: StrayOptions): Strays {
  let last: StrayView | undefined;
  const onEach = async <T>(
    { endpoint }: StrayOrder,
    signal: AbortSignal,
    ask: (id: string) => Promise<T>,
  ): Promise<{
    readonly answers: readonly T[];
    readonly unreachable: StrayView['unreachable'];
  }> => {
    const wanted =
      endpoint === undefined ? await endpoints.list() : [await endpoints.find(endpoint)];
    const answers: T[] = [];
    const unreachable: { endpoint: string; reason: string }[] = [];
    for (const { id, name } of wanted)
      try {
        answers.push(await ask(id));
      } catch (error) {
        signal.throwIfAborted();
        unreachable.push({ endpoint: name, reason: toErrorRecord(error).message });
      }
    return { answers, unreachable };
  };
  return {
    last: () => last,
    async look(order, signal) {
      const { foreignAfterDays = defaultForeignDays } = order;
      const { answers, unreachable } = await onEach(order, signal, async (id) =>
        useCases.listStrays({ endpoint: await endpoints.unlock(id), foreignAfterDays }, signal),
      );
      const view = { lookedAtMs: clock.now(), strays: answers.flat(), unreachable };
      if (order.endpoint === undefined) last = view;
      return view;
    },
    async release(order, signal) {
      const { ids, foreignAfterDays = defaultForeignDays } = order;
      const { answers, unreachable } = await onEach(order, signal, async (id) =>
        useCases.releaseStrays(
          { endpoint: await endpoints.unlock(id), foreignAfterDays, ids },
          signal,
        ),
      );
      const released = answers.flatMap((answer) => answer.released);
      if (last !== undefined) last = { ...last, strays: last.strays.filter(isNotIn(released)) };
      return { released, left: answers.flatMap(({ left }) => left), unreachable };
    },
  };
}

function isNotIn(released: readonly Stray[]): (stray: Stray) => boolean {
  return ({ id, endpointId }) =>
    !released.some((gone) => gone.id === id && gone.endpointId === endpointId);
}
