import type { RunRecord } from '#core/run.ts';

import type { Command } from '../command.ts';
import { afterOrder } from '../follow-run.ts';
import { auditOption, numberOf } from '../job-options.ts';
import { detachOption, given, transportNote, transportOption, vmQuery } from '../order-options.ts';
import { usageError } from '../parse-command-line.ts';

export const backupCommands: readonly Command[] = [
  {
    name: 'backup run',
    summary: 'Back up VMs now',
    arguments: [{ name: 'VM', summary: 'name, instance UUID, or moref:vm-42', many: true }],
    options: {
      endpoint: { value: 'NAME', summary: 'which endpoint, when there are several' },
      repository: { value: 'NAME', summary: 'which repository, when there are several' },
      full: { summary: 'read every disk whole, not only what changed' },
      quiesce: {
        value: 'HOW',
        summary: 'preferred (default), required, or off: freeze the guest’s file systems',
      },
      'quiesce-retries': { value: 'N', summary: 'try that so often again (default 0)' },
      compression: { value: 'HOW', summary: 'zstd (default) or none' },
      level: { value: '1..19', summary: 'zstd level (default 1)' },
      audit: auditOption,
      transport: transportOption,
      'no-fallback': { summary: 'fail when the first transport does not work' },
      detach: detachOption,
    },
    notes: [transportNote],
    examples: [
      'coldframe backup run demo-app',
      'coldframe backup run web db --repository main --full',
      'coldframe backup run demo-app --transport hotadd-own --no-fallback',
    ],
    async run(input) {
      const { text, flag, texts } = input;
      const level = text('level');
      if (level !== undefined && !/^\d+$/.test(level))
        throw usageError(`--level must be a number from 1 to 19, not "${level}".`);
      const run = await input.client.post<RunRecord>('/backups', {
        ...given({ endpoint: text('endpoint'), repository: text('repository') }),
        vms: input.manyArguments('VM').map(vmQuery),
        options: given({
          forceFull: flag('full') || undefined,
          quiesce: text('quiesce'),
          quiesceRetries: numberOf(input, 'quiesce-retries'),
          compression: text('compression'),
          compressLevel: level === undefined ? undefined : Number(level),
          auditPercent: numberOf(input, 'audit'),
          transports: texts('transport'),
          onFallback: flag('no-fallback') ? 'fail' : undefined,
        }),
      });
      return afterOrder(input, run);
    },
  },
];
