import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

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
/** For a person to look at. */
const PICTURES = join(tmpdir(), 'tessera-e2e-pictures');
const WAIT_MS = 60_000;
/** GraphiQL looks for operations a moment after the text has changed; a person needs longer than that to find the button. */
const READING_MS = 700;
const EDITOR = '.graphiql-query-editor';

export interface Visitor {
  readonly context: BrowserContext;
  /** Of scripts on all pages. */
  readonly faults: readonly string[];
  /** Origins that were asked for anything. */
  readonly origins: ReadonlySet<string>;
  close(): Promise<void>;
}

/** Somebody in front of Chromium. */
export async function openVisitor(): Promise<Visitor> {
  mkdirSync(PICTURES, { recursive: true });
  const executablePath = process.env.CHROMIUM ?? BROWSERS.find((path) => existsSync(path));
  if (!executablePath) throw new Error('These tests need Chromium: install it (Debian: apt-get install chromium) or name it in CHROMIUM.');
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  const context = await browser.newContext({ viewport: { width: 1_280, height: 860 } });
  context.setDefaultTimeout(WAIT_MS);
  const faults: string[] = [];
  const origins = new Set<string>();
  context.on('page', (page) => page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`)));
  context.on('request', (request) => {
    if (/^https?:/.test(request.url())) origins.add(new URL(request.url()).origin);
  });
  return { context, faults, origins, close: () => browser.close() };
}

/**
 * Runs the last tab that holds these operations, and answers what came back.
 * @param operations of the tab; the one to run comes first. A tab is named after that which it ran last, before that after its first one
 */
export async function runTab<Data>(page: Page, ...operations: readonly [string, ...string[]]): Promise<Data> {
  const [operation] = operations;
  await page.bringToFront(); // a window behind others is not drawn, and clicks wait for that
  await page.locator(`${EDITOR} .view-line`).first().waitFor();
  const name = new RegExp(`^(${operations.join('|')})\\b`); // the open one is also named after its button to close it
  await page.getByRole('tab', { name }).last().click();
  await page.locator(EDITOR).getByText(operation).first().waitFor(); // the tab that was open last shows first, in every window
  await page.waitForTimeout(READING_MS);
  const answer = page.waitForResponse((response) => isAnswer(response.url(), response.request().postData(), operation));
  await page.getByRole('button', { name: /^Execute query/ }).click();
  if (operations.length > 1) await page.getByRole('menuitem', { name: operation, exact: true }).click();
  const { data } = (await (await answer).json()) as { readonly data: Data }; // the caller knows what the tab asks for
  return data;
}

function isAnswer(url: string, sent: string | null, operation: string): boolean {
  if (!url.endsWith('/graphql') || sent === null) return false;
  const { operationName, query = '' } = JSON.parse(sent) as { readonly operationName?: string; readonly query?: string }; // of GraphiQL
  return operationName ? operationName === operation : query.includes(operation);
}

export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

/** How far the page is wider than its window. */
export async function overflowAt(page: Page, width: number, name: string): Promise<unknown> {
  const before = page.viewportSize();
  await page.setViewportSize({ width, height: 740 });
  await picture(page, name);
  const overflow: unknown = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  if (before) await page.setViewportSize(before);
  return overflow;
}
