import { toErrorRecord } from '#core/error.ts';
import type { MoverEvent, MoverProgress } from '#core/mover-orders.ts';

/** The child's way to tell its parent. */
export interface EventChannel {
  /** Resolves when the message is on its way; the last one before exit must be awaited. */
  send(event: MoverEvent): Promise<void>;
}

/** Events of this process; when the parent is gone they go nowhere, and `disconnect` ends the work. */
export const parentChannel: EventChannel = {
  send: (event) =>
    new Promise((resolve) => {
      if (process.send === undefined || !process.connected) resolve();
      else process.send(event, undefined, {}, () => resolve());
    }),
};

export function failure(thrown: unknown): MoverEvent {
  return { type: 'failed', error: toErrorRecord(thrown) };
}

export interface Reporter {
  progress(progress: MoverProgress): void;
  log(level: 'info' | 'warn' | 'error', message: string): void;
}

const progressEveryMs = 300;

/** Passes on the newest progress of a disk at most a few times a second, and every change of phase. */
export function createReporter(channel: EventChannel, nowMs: () => number): Reporter {
  const last = new Map<string, { readonly atMs: number; readonly phase: MoverProgress['phase'] }>();
  return {
    progress(progress) {
      const now = nowMs();
      const before = last.get(progress.label);
      const complete = progress.doneBytes >= progress.totalBytes;
      if (before?.phase === progress.phase && now - before.atMs < progressEveryMs && !complete)
        return;
      last.set(progress.label, { atMs: now, phase: progress.phase });
      void channel.send({ type: 'progress', progress }); // order is kept; nobody waits for progress
    },
    log(level, message) {
      void channel.send({ type: 'log', level, message }); // as above
    },
  };
}
