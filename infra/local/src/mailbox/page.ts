import type { Letter } from './letters.ts';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1d2433;background:#fbfaf7}
a{color:#7a3b12}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ddd6c8}
pre{white-space:pre-wrap;background:#fff;border:1px solid #ddd6c8;padding:1rem;border-radius:6px}.empty{color:#6b7280}`;

/** All letters, newest first. */
export function listPage(letters: readonly Letter[]): string {
  const rows = letters.map(
    ({ id, to, subject, receivedAt }) =>
      `<tr><td>${escapeHtml(receivedAt.slice(11, 19))}</td><td>${escapeHtml(to.join(', '))}</td><td><a href="/messages/${id}">${escapeHtml(subject)}</a></td></tr>`,
  );
  const list = `<table><thead><tr><th>Time (UTC)</th><th>To</th><th>Subject</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  return page(
    'Mailbox',
    `<h1>Mailbox</h1>${letters.length > 0 ? list : '<p class="empty">No mail yet. Register an account, and its code arrives here.</p>'}`,
  );
}

export function letterPage({ subject, from, to, receivedAt, text }: Letter): string {
  return page(
    subject,
    `<p><a href="/">All mail</a></p><h1>${escapeHtml(subject)}</h1><p>From ${escapeHtml(from)} to ${escapeHtml(to.join(', '))}, ${escapeHtml(receivedAt)}</p><pre>${escapeHtml(text)}</pre>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)} · Tessera</title><style>${STYLE}</style></head><body>${body}</body></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
