import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, it } from 'node:test';

import type { Browser, Page } from 'playwright-core';

import { demoScenario, smallSizes } from '#test/lab/scenario.ts';
import { hostileVms } from '#test/support/hostile-names.ts';
import { openPageBench, pagePassword, type PageBench } from '#test/support/page-bench.ts';
import { PageClient } from '#test/support/page-client.ts';
import {
  backUpThroughPage,
  setUpThroughPages,
  untilEnded,
  vmPath,
} from '#test/support/page-steps.ts';

import { openBrowser, openPage, signIn } from './browser.ts';

const looks = [
  { colorScheme: 'light', viewport: { width: 1366, height: 768 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const;

let bench: PageBench;
let browser: Browser;
let paths: readonly string[] = [];
let point = '';
before(async () => {
  const scenario = demoScenario(smallSizes);
  bench = await openPageBench({
    lab: { scenario: { ...scenario, vms: [...scenario.vms, ...hostileVms] } },
  });
  browser = await openBrowser();
  const client = new PageClient(bench.url);
  await client.signIn();
  await setUpThroughPages(bench, client);
  const run = await backUpThroughPage(client, 'demo-app');
  const ended = await untilEnded(client, run);
  [, point = ''] = /href="(\/restore-points\/[^"]+)"/.exec(ended.body) ?? [];
  const rooms = [
    '/',
    '/vms',
    '/jobs',
    '/jobs/new',
    '/runs',
    '/restore-points',
    '/repositories',
    '/health',
    '/settings',
    '/settings/users',
    '/settings/tokens',
    '/settings/audit',
    '/settings/notifications',
    '/account',
  ];
  paths = [...rooms, run, point, await vmPath(client, 'demo-app'), '/no/such/page'];
});
after(async () => {
  await browser.close();
  await bench[Symbol.asyncDispose]();
});

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

async function violations(page: Page, axe: string): Promise<readonly string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate<AxeResult>('axe.run()');
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`),
  );
}

it('gives axe-core nothing to find, on any page, light and wide, dark and narrow', async () => {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await Promise.all(looks.map((look) => checkAll(look, axe)));
});

async function checkAll(look: (typeof looks)[number], axe: string): Promise<void> {
  const page = await openPage(browser, { baseURL: bench.url, ...look });
  const words = `${look.colorScheme} ${look.viewport.width}`;
  await page.goto('/login');
  assert.deepEqual(await violations(page, axe), [], `/login ${words}`);
  await signIn(page);
  for (const path of paths) {
    await page.goto(path);
    for (const summary of await page.locator('main summary').all()) await summary.click();
    assert.deepEqual(await violations(page, axe), [], `${path} ${words}`);
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(width <= look.viewport.width, `${path} is ${width} px wide, ${words}`);
    assert.equal(
      await page.evaluate('window.broken'),
      undefined,
      `a guest's script ran on ${path}`,
    );
  }
  await page.goto(point);
  await page.getByLabel(/Into the existing VM/).check();
  await page.getByLabel('Power it off if it is running').check();
  await page.getByRole('button', { name: 'See what would happen' }).click();
  await page.getByRole('button', { name: 'Overwrite and restore' }).waitFor();
  assert.deepEqual(await violations(page, axe), [], `plan ${words}`);
  await page.context().close();
}

it('lets somebody without a mouse sign in, skip the navigation and find a VM', async () => {
  const page = await openPage(browser, { baseURL: bench.url });
  await page.goto('/vms');
  await page.locator('input[name=password]:focus').waitFor();
  await page.keyboard.type(pagePassword);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/vms');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Skip to the content');
  await page.keyboard.press('Enter');
  await page.locator('#content:focus').waitFor();
  await page.keyboard.press('Tab');
  await page.locator('input[name=q]:focus').waitFor();
  await page.keyboard.type('demo-app');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/vms?q=demo-app**');
  const link = page.getByRole('link', { name: 'demo-app' });
  for (let i = 0; i < 40 && (await focused(page)) !== 'demo-app'; i++)
    await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'demo-app');
  assert.notEqual(await link.evaluate('e => getComputedStyle(e).outlineStyle'), 'none');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'demo-app', level: 1 }).waitFor();
  await page.context().close();
});

function focused(page: Page): Promise<string> {
  return page.evaluate<string>('document.activeElement.textContent.trim()');
}

it('keeps the focus where it was while a live page changes', async () => {
  const page = await openPage(browser, { baseURL: bench.url });
  await signIn(page);
  const link = page.locator('#dashboard a[href="/vms?show=unprotected"]').first();
  await link.focus();
  await page.evaluate(`document.getElementById('dashboard').dataset.old = 'yes'`);
  // Anything that is new on the dashboard makes the server send it.
  await backUpThroughPage(await signedInClient(), 'demo-app');
  await page.locator('#dashboard[data-old]').waitFor({ state: 'detached' });
  assert.equal(
    await page.evaluate(`document.activeElement.getAttribute('href')`),
    '/vms?show=unprotected',
  );
  await page.context().close();
});

async function signedInClient(): Promise<PageClient> {
  const client = new PageClient(bench.url);
  await client.signIn();
  return client;
}
