import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from 'playwright-core';

import { openPageBench } from '#test/support/page-bench.ts';
import { PageClient } from '#test/support/page-client.ts';
import {
  backUpThroughPage,
  setUpThroughPages,
  untilEnded,
  vmPath,
} from '#test/support/page-steps.ts';
import { demoScenario, smallSizes } from '#test/lab/scenario.ts';

import { openBrowser, openPage, signIn } from './browser.ts';
import { hostileVms } from '#test/support/hostile-names.ts';

/** `node test/e2e/web/screenshots.ts FOLDER`: every page in both widths and both themes, to be looked at. */
const folder = process.argv[2] ?? 'screenshots';
await mkdir(folder, { recursive: true });
const scenario = demoScenario(smallSizes);
await using bench = await openPageBench({
  lab: { scenario: { ...scenario, vms: [...scenario.vms, ...hostileVms] } },
});
const client = new PageClient(bench.url);
await using browser = await openBrowser();

const looks = [
  { name: 'wide-light', width: 1366, colorScheme: 'light' },
  { name: 'wide-dark', width: 1366, colorScheme: 'dark' },
  { name: 'phone-light', width: 390, colorScheme: 'light' },
  { name: 'phone-dark', width: 390, colorScheme: 'dark' },
] as const;

async function shoot(
  paths: Readonly<Record<string, string>>,
  act?: (page: Page, name: string) => Promise<void>,
): Promise<void> {
  for (const { name, width, colorScheme } of looks) {
    const page = await openPage(browser, {
      baseURL: bench.url,
      colorScheme,
      viewport: { width, height: 800 },
    });
    await page.goto('/login');
    await page.screenshot({ path: join(folder, `login.${name}.png`), fullPage: true });
    await signIn(page);
    for (const [key, path] of Object.entries(paths)) {
      await page.goto(path);
      await act?.(page, key);
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      if (typeof wide === 'number' && wide > width)
        process.stdout.write(`${key} is ${wide} px wide at ${width}\n`);
      await page.screenshot({ path: join(folder, `${key}.${name}.png`), fullPage: true });
    }
    await page.context().close();
  }
}

await client.signIn();
await shoot({
  'empty-dashboard': '/',
  'empty-vms': '/vms',
  'empty-jobs': '/jobs',
  'empty-runs': '/runs',
  'empty-points': '/restore-points',
  'empty-repositories': '/repositories',
  'empty-settings': '/settings',
});
await setUpThroughPages(bench, client);
const first = await backUpThroughPage(client, 'demo-app');
await untilEnded(client, first);
const second = await backUpThroughPage(client, 'demo-app');
const ended = await untilEnded(client, second);
const [, point = ''] = /href="(\/restore-points\/[^"]+)"/.exec(ended.body) ?? [];
const form = await client.get('/jobs/new');
const options = [
  ...form.body.matchAll(/<select name="(endpoint|repository)"><option value="([^"]+)"/g),
];
const job = await client.post('/jobs', {
  ...Object.fromEntries(options.map(([, name = '', value = '']) => [name, value])),
  name: 'Every night',
  every: 'yes',
  exclude: '*script* # rebuilt every day',
  cron: '0 22 * * *',
  timeZone: 'Europe/Berlin',
  missed: 'run-once',
  enabled: 'yes',
  last: '3',
  daily: '7',
  weekly: '4',
  monthly: '12',
  yearly: '0',
  compression: 'zstd',
  onQuiesceFailure: 'crash-consistent',
  maxChainLength: '30',
  fulls: 'active',
  activeFullDays: '0',
});
await bench.lab.addForeignSnapshot({ vm: 'demo-app', name: 'before update' });
const ran = await client.post(`${job.path}/run`);
await untilEnded(client, ran.path);
const denied = await client.post(`${point}/plan`, { target: 'in-place', disk: 'scsi0-0' });
process.stdout.write(`${denied.status} ${job.status}\n`);
await shoot(
  {
    dashboard: '/',
    vms: '/vms',
    vm: await vmPath(client, 'demo-app'),
    jobs: '/jobs',
    job: job.path,
    'job-form': `${job.path}/edit`,
    runs: '/runs',
    run: second,
    'run-many': ran.path,
    points: '/restore-points',
    point,
    repositories: '/repositories',
    health: '/health',
    settings: '/settings',
    'not-found': '/nothing',
    plan: point,
  },
  async (page, key) => {
    if (key === 'plan') await page.getByRole('button', { name: 'See what would happen' }).click();
    if (key === 'job')
      for (const summary of await page.locator('summary').all()) await summary.click();
    if (key === 'job-form') await page.getByRole('button', { name: 'Preview' }).click();
  },
);
