import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { LabOptions } from './lab.ts';
import { startLab } from './lab.ts';
import { demoScenario } from './scenario.ts';

/**
 * node test/lab/main.ts --dir DIR [--port N] [--config options.json]
 * Prints one JSON line when ready; runs until SIGTERM, SIGINT or the end of stdin.
 */
const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    port: { type: 'string', default: '0' },
    config: { type: 'string' },
  },
});
if (values.dir === undefined) {
  process.stderr.write('usage: main.ts --dir DIR [--port N] [--config options.json]\n');
  process.exit(2);
}
const config: Partial<LabOptions> =
  values.config === undefined ? {} : (JSON.parse(await readFile(values.config, 'utf8')) as object);
const lab = await startLab({
  scenario: demoScenario(),
  ...config,
  dir: values.dir,
  port: Number(values.port),
});
const { url, controlUrl, address, thumbprintSha1, thumbprintSha256, user, password } = lab;
const { applianceRoot, vddkMap, captureDir } = lab;
const ready = { url, controlUrl, address, thumbprintSha1, thumbprintSha256, user, password };
process.stdout.write(
  `${JSON.stringify({ ...ready, applianceRoot, vddkMap, captureDir, pid: process.pid })}\n`,
);

await new Promise<void>((resolve) => {
  process.once('SIGTERM', resolve);
  process.once('SIGINT', resolve);
  process.stdin.once('end', resolve).resume();
});
await lab.clearFaults();
await lab[Symbol.asyncDispose]();
process.stdin.destroy();
