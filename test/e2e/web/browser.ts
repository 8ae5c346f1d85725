import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

import { pagePassword } from '#test/support/page-bench.ts';

export const browserPath = '/usr/bin/chromium';

/** Debian's Chromium, that calls nobody but us. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: browserPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface PageOptions extends BrowserContextOptions {
  readonly baseURL: string;
}

/** A page of its own context; a loaded machine may take its time. */
export async function openPage(browser: Browser, options: PageOptions): Promise<Page> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  context.setDefaultTimeout(45_000);
  return context.newPage();
}

export async function signIn(page: Page): Promise<void> {
  await page.goto('/login');
  await page.getByLabel('Password').fill(pagePassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.pathname === '/');
}
