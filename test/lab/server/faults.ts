import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskFault } from '../model/vim-task.ts';
import { encodeFault } from '../soap/encode.ts';
import { VimFault } from '../soap/fault.ts';

/** What to do to a call instead of, before or after doing it. */
export type FaultAction =
  | {
      readonly kind: 'soap-fault';
      readonly type: string;
      readonly message?: string;
      readonly data?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Connection reset before anything was done. */
  | { readonly kind: 'drop' }
  /** Done, but the answer is lost with the connection. */
  | { readonly kind: 'lose-answer' }
  | { readonly kind: 'http-503' }
  /** The login is gone: NotAuthenticated from now on. */
  | { readonly kind: 'expire-connection' }
  /** Never answers. */
  | { readonly kind: 'hang' }
  | {
      readonly kind: 'task-error';
      readonly type: string;
      readonly message?: string;
      readonly data?: Readonly<Record<string, unknown>>;
      readonly afterEffect?: boolean;
    }
  | { readonly kind: 'task-never-ends' }
  /** Takes this long: a third queued, a third running, and a third after its effect. */
  | { readonly kind: 'task-slow'; readonly ms: number };

export interface FaultRule {
  /** Operation name; `*` for all. */
  readonly on: string;
  /** Moref value or name of the target. */
  readonly object?: string;
  /** Matching calls that go through first. */
  readonly skip?: number;
  /** How often it strikes; 1 when absent. */
  readonly times?: number;
  readonly action: FaultAction;
}

interface QueuedFault {
  readonly rule: FaultRule;
  seen: number;
  struck: number;
}

/** The queue of faults to inject. Whoever queues one means it to be hit: `unused` tells which were not. */
export class FaultQueue {
  #queue: QueuedFault[] = [];

  add(rules: readonly FaultRule[]): void {
    for (const rule of rules) demandSendable(rule);
    for (const rule of rules) this.#queue.push({ rule, seen: 0, struck: 0 });
  }

  /** Actions that strike this call, in the order of queueing. */
  take(operation: string, names: readonly string[]): FaultAction[] {
    const actions: FaultAction[] = [];
    for (const queued of this.#queue) {
      const { rule } = queued;
      if (rule.on !== '*' && rule.on !== operation) continue;
      if (rule.object !== undefined && !names.includes(rule.object)) continue;
      if (queued.seen++ < (rule.skip ?? 0) || queued.struck >= (rule.times ?? 1)) continue;
      queued.struck++;
      actions.push(rule.action);
    }
    return actions;
  }

  unused(): FaultRule[] {
    return this.#queue.filter((queued) => queued.struck === 0).map((queued) => queued.rule);
  }

  clear(): void {
    this.#queue = [];
  }
}

/** A fault that lacks what its type demands could not be sent when it strikes; better told now. */
function demandSendable({ on, action }: FaultRule): void {
  if (action.kind !== 'soap-fault' && action.kind !== 'task-error') return;
  try {
    encodeFault(new VimFault(action.type, '', action.data));
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(
      `the fault rule for ${on} is not complete: ${reason}; give its fields as action.data`,
      { cause: thrown },
    );
  }
}

/** What the HTTP side must do; thrown by faults that are no SOAP answer. */
export class BrokenAnswer extends Error {
  readonly kind: 'drop' | 'http-503' | 'hang';

  constructor(kind: 'drop' | 'http-503' | 'hang') {
    super(kind);
    this.kind = kind;
  }
}

/** Applies the actions that come before the work. */
export async function applyBefore(
  actions: readonly FaultAction[],
  hooks: { expire(): void },
): Promise<void> {
  for (const action of actions) {
    // A slow server goes on even when the client has given up.
    if (action.kind === 'delay') await sleep(action.ms, undefined, { ref: false });
    if (action.kind === 'drop' || action.kind === 'http-503' || action.kind === 'hang')
      throw new BrokenAnswer(action.kind);
    if (action.kind === 'expire-connection') {
      hooks.expire();
      throw new VimFault('NotAuthenticated', 'The session is not authenticated.', {
        privilegeId: 'System.View',
      });
    }
    if (action.kind === 'soap-fault')
      throw new VimFault(action.type, action.message ?? `Injected ${action.type}`, action.data);
  }
}

export function taskFaultOf(actions: readonly FaultAction[]): TaskFault | undefined {
  for (const action of actions) {
    if (action.kind === 'task-never-ends') return { kind: 'never-ends' };
    if (action.kind === 'task-slow') return { kind: 'slow', ms: action.ms };
    if (action.kind === 'task-error') {
      const fault = new VimFault(
        action.type,
        action.message ?? `Injected ${action.type}`,
        action.data,
      );
      return { kind: 'error', fault, afterEffect: action.afterEffect ?? false };
    }
  }
  return undefined;
}
