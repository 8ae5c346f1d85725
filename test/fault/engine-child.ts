import type { JournalKind, JournalState } from '#core/journal.ts';
import { toErrorRecord } from '#core/error.ts';
import { backUpVm } from '#engine/back-up-vm.ts';
import type { EngineContext, JournalPort, MoverPort } from '#engine/ports.ts';
import type { RestoreRequest } from '#engine/requests.ts';
import { restoreVm } from '#engine/restore-vm.ts';
import type { Mover } from '#mover/parent.ts';
import { openEngineBench, type EngineSite } from '#test/support/engine-bench.ts';

import { childrenOf } from './process-table.ts';

/** What the engine process of a fault test does, and when somebody dies. */
export interface ChildOrder {
  readonly site: EngineSite;
  readonly work:
    | { readonly kind: 'backup'; readonly transports: readonly ('hotadd-vddk' | 'hotadd-own')[] }
    | {
        readonly kind: 'restore';
        readonly restorePointId: string;
        readonly target: RestoreRequest['target'];
        readonly transports: readonly ('hotadd-vddk' | 'hotadd-own')[];
      };
  readonly death: Death;
}

export type Death =
  | { readonly victim: 'nobody' }
  /** The engine's own process, right after this entry was written. */
  | {
      readonly victim: 'engine';
      readonly at: { readonly kind: JournalKind; readonly state: JournalState };
    }
  /** Once the first bytes have moved. */
  | { readonly victim: 'engine' | 'mover' | 'worker'; readonly at: 'copying' };

export type ChildReport =
  | { readonly type: 'done'; readonly warnings: readonly string[] }
  | {
      readonly type: 'failed';
      readonly error: { readonly code: string; readonly message: string };
    };

process.once('message', (message) => {
  void run(message as ChildOrder); // ends with a report or by dying
});

async function run(order: ChildOrder): Promise<void> {
  let report: ChildReport;
  try {
    await using bench = await openEngineBench(order.site);
    const context = mortal(bench.context, order.death);
    const signal = new AbortController().signal;
    const onProgress = ({ phase, doneBytes }: { phase: string; doneBytes: number }): void => {
      if (phase === 'copying' && doneBytes > 0) context.onCopying();
    };
    const { work } = order;
    const outcome =
      work.kind === 'backup'
        ? await backUpVm(context, bench.backup({}, { transports: work.transports }), {
            signal,
            onProgress,
          })
        : await restoreVm(
            context,
            {
              endpoint: bench.endpoint,
              repository: bench.repository,
              restorePointId: work.restorePointId,
              taskId: 'restore1',
              target: work.target,
              powerOn: false,
              readBack: 'full',
              transports: work.transports,
            },
            { signal, onProgress },
          );
    report = { type: 'done', warnings: outcome.warnings };
  } catch (error) {
    const { code, message } = toErrorRecord(error);
    report = { type: 'failed', error: { code, message } };
  }
  process.send?.(report, () => process.disconnect());
}

/** The context with a journal and a mover that know when to die. */
function mortal(
  context: EngineContext,
  death: Death,
): EngineContext & { readonly onCopying: () => void } {
  let moverPid = 0;
  let armed = true;
  const journal: JournalPort = {
    intend: async (entry) => {
      const written = await context.journal.intend(entry);
      dieAfter(written.kind, 'intended');
      return written;
    },
    mark: async (id, state, failure) => {
      const kind = (await context.journal.open()).find((entry) => entry.id === id)?.kind;
      await context.journal.mark(id, state, failure);
      if (kind !== undefined) dieAfter(kind, state);
    },
    open: () => context.journal.open(),
  };
  const real: Mover = context.mover;
  const mover: MoverPort = {
    run: (order, options) =>
      real.run(order, { ...options, onStart: (pid: number) => (moverPid = pid) }),
  };
  return { ...context, journal, mover, onCopying };

  function dieAfter(kind: JournalKind, state: JournalState): void {
    if (death.victim !== 'engine' || death.at === 'copying') return;
    if (death.at.kind === kind && death.at.state === state) process.kill(process.pid, 'SIGKILL');
  }

  function onCopying(): void {
    if (!armed || death.victim === 'nobody' || death.at !== 'copying') return;
    armed = false;
    if (death.victim === 'engine') process.kill(process.pid, 'SIGKILL');
    else if (death.victim === 'mover') process.kill(moverPid, 'SIGKILL');
    else for (const pid of childrenOf(moverPid)) process.kill(pid, 'SIGKILL');
  }
}
