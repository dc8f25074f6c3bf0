import { type Html, html } from './html.ts';

export interface PageOptions {
  readonly title: string;
  /** Of the body: which of the designs it is. */
  readonly kind: 'checkout' | 'notice' | 'dashboard';
  /** Goes there by itself; works without JavaScript, and unlike a redirect behind a form it is not bound to `form-action`. */
  readonly goTo?: { readonly url: string; readonly seconds: number };
}

/** `redirect` stays here; `goTo` leaves for another site by a page of its own, because `form-action` would stop a redirect. */
export type PageAnswer = { readonly html: string; readonly status?: number } | { readonly redirect: string } | { readonly goTo: string };

/** A whole document. */
export function page({ title, kind, goTo }: PageOptions, body: Html): string {
  const refresh = goTo && html`<meta http-equiv="refresh" content="${goTo.seconds};url=${goTo.url}">`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refresh}
<title>${title}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/simulator.css">
</head>
<body class="${kind}">
${body}
</body>
</html>`.markup;
}

/** A short message in the middle of the page. */
export function notice(
  options: Omit<PageOptions, 'kind'> & { readonly tone: 'good' | 'bad' | 'calm'; readonly text: Html; readonly actions?: Html },
): string {
  const { title, tone, text, actions } = options;
  return page(
    { ...options, kind: 'notice' },
    html`<main class="card">
<p class="mark ${tone}" aria-hidden="true">${MARKS[tone]}</p>
<h1>${title}</h1>
<div class="prose">${text}</div>
${actions && html`<div class="actions">${actions}</div>`}
</main>
${simulatorNote()}`,
  );
}

export function simulatorNote(): Html {
  return html`<p class="note">Stripe simulator. No card is charged. <a href="/">Dashboard</a></p>`;
}

const MARKS = { good: '✓', bad: '!', calm: '…' } as const;
