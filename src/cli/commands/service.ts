import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { HealthReport } from '#core/api.ts';

import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { count, durationText } from '../format.ts';

export const serviceCommands: readonly Command[] = [
  {
    name: 'service status',
    summary: 'Ask the service how it is',
    examples: ['coldframe service status', 'coldframe service status --json'],
    async run({ client, output }) {
      const health = await client.get<HealthReport>('/health');
      const code = health.status === 'ok' ? exitCodes.ok : exitCodes.warnings;
      if (output.json) {
        output.document(health);
        return code;
      }
      const word = health.status === 'ok' ? output.good('good') : output.warn('needs a look');
      output.facts([
        ['Status', word],
        ['Version', health.version],
        ['Appliance', health.applianceId],
        ['Process', `${health.pid}, up for ${durationText(Date.now() - health.startedAtMs)}`],
        ['Tasks', `${health.running} running, ${health.queued} waiting`],
        ['Journal', count(health.openJournalEntries, 'open entry', 'open entries')],
      ]);
      output.line();
      output.table(
        [{ title: 'CHECK' }, { title: 'STATE' }, { title: 'RESULT' }],
        health.checks.map(({ name, ok, message }) => [
          name,
          ok ? output.good('ok') : output.bad('bad'),
          message,
        ]),
      );
      return code;
    },
  },
  {
    name: 'service run',
    summary: 'Run the service in the foreground',
    options: { config: { value: 'FILE', summary: 'configuration file (JSON)' } },
    examples: ['coldframe service run --data-dir ~/coldframe'],
    notes: ['Ctrl-C stops it: tasks are asked to end and clean up first.'],
    async run({ dataDir, text, signal }) {
      const main = fileURLToPath(new URL('../../service/main.ts', import.meta.url));
      const config = text('config');
      const service = spawn(
        process.execPath,
        [main, '--data-dir', dataDir, ...(config === undefined ? [] : ['--config', config])],
        { stdio: 'inherit' },
      );
      // A terminal's Ctrl-C reaches both of us; a SIGTERM to this process must be passed on.
      signal.addEventListener('abort', () => service.kill('SIGTERM'), { once: true });
      await once(service, 'exit');
      return service.exitCode === 0 ? exitCodes.ok : exitCodes.failed;
    },
  },
];
