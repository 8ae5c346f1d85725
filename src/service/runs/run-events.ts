import type { RunEvent } from '#core/api.ts';

const ringEvents = 1000;

interface Numbered {
  readonly id: number;
  readonly data: RunEvent;
}

interface Channel {
  nextId: number;
  readonly ring: Numbered[];
  readonly waiting: Set<() => void>;
  ended: boolean;
}

/**
 * Live events of the runs that are under way. Followers read one shared ring at their own
 * pace; one that falls behind misses the oldest events, never the latest state.
 */
export class RunEvents {
  readonly #channels = new Map<string, Channel>();

  publish(runId: string, data: RunEvent): void {
    const channel = this.#channel(runId);
    channel.ring.push({ id: channel.nextId++, data });
    if (channel.ring.length > ringEvents) channel.ring.shift();
    wake(channel);
  }

  /** Followers get what is left and end. */
  end(runId: string): void {
    const channel = this.#channels.get(runId);
    if (channel === undefined) return;
    channel.ended = true;
    this.#channels.delete(runId);
    wake(channel);
  }

  /** Id of the last event; -1 before the first. */
  lastId(runId: string): number {
    return (this.#channels.get(runId)?.nextId ?? 0) - 1;
  }

  isLive(runId: string): boolean {
    return this.#channels.has(runId);
  }

  /**
   * Events after `afterId`, from the moment of the call on, whenever they are read. Ends with
   * the run, and at once for a run that is not under way.
   */
  follow(runId: string, afterId: number, signal: AbortSignal): AsyncGenerator<Numbered> {
    return read(this.#channels.get(runId), afterId, signal);
  }

  #channel(runId: string): Channel {
    let channel = this.#channels.get(runId);
    if (channel === undefined) {
      channel = { nextId: 0, ring: [], waiting: new Set(), ended: false };
      this.#channels.set(runId, channel);
    }
    return channel;
  }
}

async function* read(
  channel: Channel | undefined,
  afterId: number,
  signal: AbortSignal,
): AsyncGenerator<Numbered> {
  if (channel === undefined) return;
  let seen = afterId;
  while (!signal.aborted) {
    const fresh = channel.ring.filter(({ id }) => id > seen);
    for (const event of fresh) {
      seen = event.id;
      yield event;
    }
    if (fresh.length > 0) continue;
    if (channel.ended) return;
    await changed(channel, signal);
  }
}

function wake(channel: Channel): void {
  for (const resume of channel.waiting) resume();
}

function changed(channel: Channel, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const resume = (): void => {
      channel.waiting.delete(resume);
      signal.removeEventListener('abort', resume);
      resolve();
    };
    channel.waiting.add(resume);
    signal.addEventListener('abort', resume);
    if (signal.aborted) resume();
  });
}
