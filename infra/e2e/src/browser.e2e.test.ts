import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { type Platform, type StartedPlatform, startPlatform } from './platform/platform.ts';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** Nothing that a browser does by itself may leave the machine. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WAIT_MS = 60_000;
/** GraphiQL looks for operations a moment after the text has changed; a person needs longer than that to find the button. */
const READING_MS = 700;
const EDITOR = '.graphiql-query-editor';

let started: StartedPlatform;
let platform: Platform;
let browser: Browser;
let context: BrowserContext;
const faults: string[] = [];
const outside: string[] = [];

beforeAll(async () => {
  // A shop of its own: the tabs buy what is newest in it, and other suites put things there and sell them out.
  started = await startPlatform();
  platform = started.platform;
  const executablePath = process.env.CHROMIUM ?? BROWSERS.find((path) => existsSync(path));
  if (!executablePath)
    throw new Error('The browser tests need Chromium: install it (Debian: apt-get install chromium) or name it in CHROMIUM.');
  browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
  context.setDefaultTimeout(WAIT_MS);
  context.on('page', (page) => page.on('pageerror', (error) => faults.push(error.message)));
  context.on('request', (request) => {
    const { origin } = new URL(request.url());
    if (/^https?:/.test(request.url()) && origin !== new URL(platform.url).origin) outside.push(request.url());
  });
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await started?.process.end();
});

describe('a person who opens the landing page', () => {
  test('sees what runs and who can be', async () => {
    const page = await context.newPage();
    await page.goto(platform.url);
    for (const part of ['PostgreSQL', 'Redis', 'users', 'catalog', 'orders', 'payments', 'ledger']) {
      await page.getByRole('cell', { name: part, exact: true }).waitFor();
    }
    expect(await page.getByRole('button', { name: /^Log in as/ }).count()).toBe(6);
    await page.close();
  });

  test('logs in as the buyer, buys what the tabs propose, and sees order and balance move in other tabs', async () => {
    const page = await context.newPage();
    await page.goto(platform.url);
    await page.getByRole('button', { name: 'Log in as buyer' }).click();
    await page.waitForURL('**/graphiql');
    const orders = await open('MyOrders');
    const balance = await open('MyBalance');

    await run(page, 'Browse');
    await shows(page, '"handle": "buyer"');
    await run(page, 'AddToCart');
    await shows(page, '"__typename": "CartChanged"');
    await run(page, /Pay|Quote/, /Quote/);
    await shows(page, '"__typename": "CheckoutQuoted"');
    await run(page, /Pay|Quote/, /Buy|Pay/);
    await shows(page, '"__typename": "CheckoutCompleted"');

    await shows(orders, '"state": "CONFIRMED"');
    await shows(balance, '"kind": "HOLD_POSTED"');
    await run(page, 'SendMoney');
    await shows(page, '"__typename": "TransferCreated"');
    await shows(balance, '"kind": "TRANSFER_OUT"');
  });

  test('meets no script error, and nothing is loaded from elsewhere', () => {
    expect(faults).toEqual([]);
    expect(outside).toEqual([]);
  });
});

/** A GraphiQL page of its own with this subscription running. */
async function open(tab: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${platform.url}/graphiql`);
  await run(page, tab);
  await page.getByRole('button', { name: /Stop/ }).waitFor();
  return page;
}

/** Runs what is in the tab; where it holds several operations, the named one. */
async function run(page: Page, tab: string | RegExp, operation?: RegExp): Promise<void> {
  await page.bringToFront(); // a window behind others is not drawn, and clicks wait for that
  await page.locator(`${EDITOR} .view-line`).first().waitFor();
  await page.getByRole('tab', { name: tab }).first().click();
  await page.locator(EDITOR).getByText(tab).first().waitFor(); // the tab that was open last shows first, in every window
  await page.waitForTimeout(READING_MS);
  await page.getByRole('button', { name: /Execute query/ }).click();
  if (operation) await page.getByRole('menuitem', { name: operation }).first().click();
}

/** The answer shows lines outside its window only when scrolled to, so the page is asked for what it holds. */
async function shows(page: Page, text: string): Promise<void> {
  const flat = (value: string) => value.replace(/\s+/g, ' ');
  const deadline = performance.now() + WAIT_MS;
  let last = '';
  while (performance.now() < deadline) {
    last = flat(await page.locator('.result-window').innerText());
    if (last.includes(flat(text))) return;
    await page.waitForTimeout(100);
  }
  throw new Error(`the answer does not show ${text}: ${last.slice(0, 600)}`);
}
