import { createInterface } from 'node:readline';

import type { PageClient } from './page-client.ts';

export interface LiveEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, string>>;
}

/** Reads a live page's event stream until the server ends it or the reader has enough. */
export async function* liveEvents(client: PageClient, path: string): AsyncGenerator<LiveEvent> {
  const response = await client.open({ method: 'GET', path });
  if (!String(response.headers['content-type']).startsWith('text/event-stream'))
    throw new Error(`${path} answered ${response.statusCode} and no stream`);
  let event = '';
  try {
    for await (const line of createInterface({ input: response })) {
      if (line.startsWith('event: ')) event = line.slice(7);
      if (line.startsWith('data: '))
        yield { event, data: JSON.parse(line.slice(6)) as LiveEvent['data'] };
    }
  } finally {
    response.destroy();
  }
}
