import type { RunRecord } from '#core/run.ts';

import type { Command } from '../command.ts';
import { afterOrder } from '../follow-run.ts';
import { detachOption } from '../order-options.ts';

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'Read a restore point and all that it builds on, and check every digest',
  arguments: [{ name: 'RESTORE_POINT', summary: 'id from "coldframe restore-point list"' }],
  options: { detach: detachOption },
  examples: ['coldframe verify k3v7q2m5xw4hzabc'],
  async run(input) {
    const restorePoint = input.argument('RESTORE_POINT');
    const run = await input.client.post<RunRecord>('/verifications', { restorePoint });
    return afterOrder(input, run);
  },
};
