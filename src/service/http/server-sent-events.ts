/** What a route returns to keep the answer open: events with ids that a caller may resume from. */
export class EventStream {
  readonly events: AsyncIterable<{ readonly id: number; readonly data: unknown }>;

  constructor(events: AsyncIterable<{ readonly id: number; readonly data: unknown }>) {
    this.events = events;
  }
}

const pingMs = 15_000;

/** Text of an event stream; a comment every 15 s shows both ends that the other is there. */
export async function* serverSentEvents(stream: EventStream): AsyncGenerator<string> {
  const iterator = stream.events[Symbol.asyncIterator]();
  try {
    // Headers go out with the first bytes: do not let the caller wait for an event.
    yield ': coldframe\n\n';
    let next = iterator.next();
    for (;;) {
      const result = await withPing(next);
      if (result === 'ping') {
        yield ': ping\n\n';
        continue;
      }
      if (result.done === true) return;
      const { id, data } = result.value;
      yield `id: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
      next = iterator.next();
    }
  } finally {
    await iterator.return?.();
  }
}

async function withPing<T>(next: Promise<T>): Promise<T | 'ping'> {
  let timer: NodeJS.Timeout | undefined;
  const ping = new Promise<'ping'>((resolve) => {
    timer = setTimeout(() => resolve('ping'), pingMs);
  });
  try {
    return await Promise.race([next, ping]);
  } finally {
    clearTimeout(timer);
  }
}
