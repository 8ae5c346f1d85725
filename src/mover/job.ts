import type { Reporter } from './channel.ts';
import type { MoverSettings } from './wire.ts';

/** What every order's function is given beside the order. */
export interface MoverJob {
  readonly settings: MoverSettings;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}
