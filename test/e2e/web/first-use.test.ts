import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Browser, Page } from 'playwright-core';

import { openPageBench, pagePassword, type PageBench } from '#test/support/page-bench.ts';

import { openBrowser, openPage } from './browser.ts';

/** A schedule's minute, and a loaded machine's patience. */
const scheduledMs = 120_000;

describe('a new appliance is led to its first scheduled backup', { concurrency: true }, () => {
  for (const javaScriptEnabled of [true, false])
    it(javaScriptEnabled ? 'live' : 'without JavaScript', async () => {
      await using bench = await openPageBench({ firstUse: true });
      await using browser = await openBrowser();
      const errors: string[] = [];
      const page = await openPage(browser, { baseURL: bench.url, javaScriptEnabled });
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        // The job's mistake is answered with 422, which Chromium mentions.
        const { type, text } = { type: message.type(), text: message.text() };
        if (type === 'error' && !text.includes('422')) errors.push(text);
      });
      await choosePassword(page);
      await addEndpoint(page, bench);
      await addRepository(page, bench);
      await makeJob(page);
      await seeItRun(page);
      await onlyThisHost(browser, page, bench);
      assert.deepEqual(errors, []);
    });
});

async function choosePassword(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByLabel('Password', { exact: true }).fill(pagePassword);
  await page.getByLabel('The same again').fill(pagePassword);
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByRole('heading', { name: 'To begin' }).waitFor();
}

async function addEndpoint(page: Page, bench: PageBench): Promise<void> {
  await page.getByRole('link', { name: 'Add your vCenter or ESXi host' }).click();
  await page.getByLabel('Name').fill('lab');
  await page.getByLabel('Address').fill(bench.lab.address);
  await page.getByLabel('User').fill(bench.lab.user);
  await page.getByRole('button', { name: 'Look at its certificate' }).click();
  await page.getByText(bench.lab.thumbprintSha256).waitFor();
  await page.getByLabel(`Password of ${bench.lab.user}`).fill(bench.lab.password);
  await page.getByRole('button', { name: 'It is. Add the endpoint' }).click();
  await page.getByRole('link', { name: 'demo-app' }).waitFor();
}

async function addRepository(page: Page, bench: PageBench): Promise<void> {
  await page.getByRole('link', { name: 'Dashboard' }).click();
  await page.getByRole('link', { name: 'Add a repository' }).click();
  await page.getByLabel('Name').fill('main');
  await page.getByLabel('Folder on this appliance').fill(bench.repositoryRoot);
  await page.getByRole('button', { name: 'Add and test' }).click();
  await page.getByText('ready', { exact: true }).waitFor();
}

async function makeJob(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Dashboard' }).click();
  await page.getByRole('link', { name: 'Make a job: every VM, every night' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Every minute');
  await page.getByLabel('Schedule', { exact: true }).fill('* * * *');
  await page.getByRole('button', { name: 'Make the job' }).click();
  await page.getByRole('alert').getByText('Five fields are needed').waitFor();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Every minute');
  await page.getByLabel('Schedule', { exact: true }).fill('* * * * *');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText('VMs now: demo-app').waitFor();
  await page.getByRole('button', { name: 'Make the job' }).click();
  await page.getByRole('heading', { name: 'Every minute', level: 1 }).waitFor();
}

/** The dashboard is opened once and left alone: it must show the run by itself. */
async function seeItRun(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Dashboard' }).click();
  const row = page.getByRole('row').filter({ hasText: 'Every minute' }).last();
  await row.waitFor({ timeout: scheduledMs });
  await row.getByText('done', { exact: true }).waitFor({ timeout: scheduledMs });
  assert.equal(await page.getByRole('heading', { name: 'To begin' }).count(), 0);
  await row.getByRole('link', { name: 'Every minute' }).click();
  await page.getByText('first backup of this VM to this repository').first().waitFor();
  await page.getByText('not hotadd-vddk: no VDDK is installed').first().waitFor();
  await page.getByRole('link', { name: 'Open the restore point' }).click();
  await page.getByRole('button', { name: 'See what would happen' }).click();
  await page.getByText('a new VM named demo-app-restored').waitFor();
}

async function onlyThisHost(browser: Browser, page: Page, bench: PageBench): Promise<void> {
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).origin));
  for (const path of ['/', '/vms', '/jobs', '/settings']) await page.goto(path);
  assert.deepEqual([...hosts], [new URL(bench.url).origin]);
  assert.equal(browser.contexts().length, 1);
}
