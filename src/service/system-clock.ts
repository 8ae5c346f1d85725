import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { Clock, IdSource } from '#core/clock.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // Callers compare with the signal's reason; the timer rejects with an AbortError of its own.
      signal?.throwIfAborted();
      throw error;
    }
  },
};

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

export const randomIds: IdSource = {
  next: () => Array.from(randomBytes(16), (byte) => alphabet[byte & 31]).join(''),
};
