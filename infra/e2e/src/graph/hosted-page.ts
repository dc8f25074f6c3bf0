/** The pages of the Stripe simulator, used as a browser does: by their forms. */

/** What the buttons of the page send; PAY takes the card that is typed, the others say how it ends. */
export type PageAction = 'PAY' | 'SUCCEED' | 'DECLINE' | 'INSUFFICIENT_FUNDS' | 'THREE_D_SECURE' | 'SLOW' | 'LEAVE';

export interface SeenPage {
  readonly status: number;
  /** Where the redirects ended. */
  readonly url: string;
  readonly text: string;
  /** Where it goes by itself. */
  readonly goesTo: string | undefined;
}

const WITHIN_MS = 60_000;
const CARD = { number: '4242 4242 4242 4242', expiry: '12 / 34', cvc: '123', name: 'Ed Endtoend' };

export async function payAt(pageUrl: string, action: PageAction = 'PAY', card: Partial<typeof CARD> = {}): Promise<SeenPage> {
  return submit(pageUrl, { ...CARD, ...card, action });
}

/** At the page of the bank, where a payment with 3-D Secure leads. */
export async function answerBank({ url }: SeenPage, answer: 'COMPLETE' | 'FAIL'): Promise<SeenPage> {
  return submit(url, { answer });
}

export async function lookAt(pageUrl: string): Promise<SeenPage> {
  return see(await fetch(pageUrl, { signal: AbortSignal.timeout(WITHIN_MS) }));
}

async function submit(pageUrl: string, fields: Readonly<Record<string, string>>): Promise<SeenPage> {
  const request = { method: 'POST', body: new URLSearchParams(fields), signal: AbortSignal.timeout(WITHIN_MS) };
  return see(await fetch(pageUrl, request));
}

async function see(answer: Response): Promise<SeenPage> {
  const page = await answer.text();
  const [, goesTo] = /<meta http-equiv="refresh" content="\d+;url=([^"]+)"/.exec(page) ?? [];
  const text = page
    .replace(/<(style|script|title)\b.*?<\/\1>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
  return { status: answer.status, url: answer.url, text: plain(text), goesTo: goesTo && plain(goesTo) };
}

function plain(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}
