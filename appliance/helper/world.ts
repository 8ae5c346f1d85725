import type { Clock } from '#core/clock.ts';
import type { Run } from './run.ts';

/** What the verbs work on; tests have a folder and commands of their own. */
export interface HelperWorld {
  readonly run: Run;
  /** "/" on the appliance. */
  readonly root: string;
  readonly clock: Pick<Clock, 'now'>;
}
