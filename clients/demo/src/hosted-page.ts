import { must } from './failure.ts';

const ANSWER_WITHIN_MS = 20_000;
const NAMED_ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** Stripe's own page wants a person with a card; that of the simulator is on this machine, and takes whoever sends its form. */
export function isSimulated(pageUrl: string): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(pageUrl).hostname);
}

/**
 * Pays as a browser does: reads the page, sends its form with the card that is typed there, and follows to the end.
 * @returns where the page sends the customer back to. @throws StoryFailure when the card was not taken
 */
export async function payAt(pageUrl: string): Promise<string> {
  const page = await read(pageUrl);
  const form = readForm(page);
  must(form, `The page ${pageUrl} must have a form.`);
  const body = new URLSearchParams({ ...form.fields, action: 'PAY' });
  const paid = await read(new URL(form.action, pageUrl).href, { method: 'POST', body });
  const backUrl = readRefresh(paid);
  must(backUrl, `The page must send the customer back after the payment: ${titleOf(paid)}.`);
  return backUrl;
}

export interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The first form that is posted, with what its fields hold. */
export function readForm(page: string): Form | undefined {
  const [, attributes = '', content = ''] = /<form\b([^>]*\bmethod="post"[^>]*)>(.*?)<\/form>/is.exec(page) ?? [];
  const action = attributeOf(attributes, 'action');
  if (action === undefined) return undefined;
  const inputs = Array.from(content.matchAll(/<input\b([^>]*)>/gi), ([, text = '']) => text);
  const fields = inputs.flatMap((text) => {
    const name = attributeOf(text, 'name');
    return name === undefined ? [] : [[name, attributeOf(text, 'value') ?? ''] as const];
  });
  return { action, fields: Object.fromEntries(fields) };
}

/** Where a page goes by itself. */
export function readRefresh(page: string): string | undefined {
  const [, attributes = ''] = /<meta\b([^>]*http-equiv="refresh"[^>]*)>/i.exec(page) ?? [];
  return /url=(.*)$/i.exec(attributeOf(attributes, 'content') ?? '')?.[1];
}

async function read(url: string, request: RequestInit = {}): Promise<string> {
  const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  const page = await answer.text();
  must(answer.ok, `The page ${url} answers ${answer.status}: ${titleOf(page)}.`);
  return page;
}

function titleOf(page: string): string {
  return /<title>(.*?)<\/title>/is.exec(page)?.[1] ?? 'a page without a title';
}

function attributeOf(attributes: string, name: string): string | undefined {
  const [, value] = new RegExp(`(?:^|\\s)${name}="([^"]*)"`, 'i').exec(attributes) ?? [];
  return value?.replace(/&(?:#(\d+)|(\w+));/g, (whole, code?: string, entity = '') =>
    code ? String.fromCodePoint(Number(code)) : (NAMED_ENTITIES[entity] ?? whole),
  );
}
