import type { PagePolicy } from './content-policy.ts';
import { escapeHtml, htmlPage, scriptJson } from './html.ts';
import { LANDING_SCRIPT } from './landing-script.ts';
import type { LandingOptions, LocalAccount } from './options.ts';

export interface Page {
  readonly html: string;
  readonly policy: PagePolicy;
}

/** `/`: what is running, where to go, and who to be. */
export function landingPage({ links = [], accounts = [] }: Pick<LandingOptions, 'links' | 'accounts'>): Page {
  const html = htmlPage({
    title: 'Tessera',
    head: `<style>${STYLE}</style>`,
    body: `<main>
<header><h1>Tessera</h1><p>An open, federated commerce and money platform.</p></header>
<nav aria-label="Tools">${[...OWN_LINKS, ...links].map(link).join('')}</nav>
${accounts.length > 0 ? people(accounts) : ''}
<section aria-labelledby="state"><h2 id="state">What is running</h2>
<table><thead><tr><th scope="col">Part</th><th scope="col">Kind</th><th scope="col">State</th><th scope="col">About it</th></tr></thead>
<tbody id="status"><tr><td colspan="4">Asking…</td></tr></tbody></table></section>
</main>
<script type="application/json" id="accounts">${scriptJson(accounts)}</script>
<script>${LANDING_SCRIPT}</script>`,
  });
  return { html, policy: { inlineScripts: [LANDING_SCRIPT], inlineStyles: [STYLE] } };
}

const OWN_LINKS = [
  { title: 'GraphiQL', url: '/graphiql' },
  { title: 'Apollo Sandbox', url: '/sandbox' },
  { title: 'Health', url: '/health/ready' },
  { title: 'Metrics', url: '/metrics' },
];

function link({ title, url }: { readonly title: string; readonly url: string }): string {
  return `<a href="${escapeHtml(url)}">${escapeHtml(title)}</a>`;
}

function people(all: readonly LocalAccount[]): string {
  const rows = all.map(
    ({ email, displayName, roles }, index) =>
      `<li><button type="button" data-account="${index}">Log in as ${escapeHtml(email.split('@')[0] ?? email)}</button><span>${escapeHtml(displayName)}, ${escapeHtml(email)}</span><small>${escapeHtml(roles.join(', '))}</small></li>`,
  );
  return `<section aria-labelledby="people"><h2 id="people">Seeded accounts</h2><ul class="accounts">${rows.join('')}</ul>
<p>The password of all is <code>${escapeHtml(all[0]?.password ?? '')}</code>. Only this local stack has them.</p>
<p id="session" role="status">Nobody is logged in.</p></section>`;
}

const STYLE = `
:root{color-scheme:light dark;--ink:#17202a;--soft:#5d6b7a;--line:#d9dfe6;--paper:#fff;--ground:#f4f6f8;--accent:#0b5cad;--good:#0a7a3d;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#9aa8b5;--line:#2c3742;--paper:#161d24;--ground:#0e1318;--accent:#6db3ff;--good:#5fd08c;--bad:#ff8a80}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:56rem;margin:0 auto;padding:2rem 1rem}h1{margin:0;font-size:2rem}h2{font-size:1.15rem;margin:0 0 .75rem}header p{margin:.25rem 0 0;color:var(--soft)}
nav{display:flex;flex-wrap:wrap;gap:.5rem;margin:1.25rem 0}a{color:var(--accent)}nav a{padding:.5rem .9rem;border:1px solid var(--line);border-radius:.5rem;background:var(--paper);text-decoration:none}
section{background:var(--paper);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem;margin:1rem 0;overflow-x:auto}
table{width:100%;border-collapse:collapse}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--soft);font-weight:600}
.up{color:var(--good)}.down{color:var(--bad);font-weight:600}.accounts{list-style:none;padding:0;margin:0;display:grid;gap:.5rem;grid-template-columns:repeat(auto-fill,minmax(16rem,1fr))}
.accounts li{display:grid;gap:.15rem;border:1px solid var(--line);border-radius:.5rem;padding:.75rem}.accounts span{color:var(--soft)}small{color:var(--soft)}
button{font:inherit;padding:.45rem .8rem;border:0;border-radius:.5rem;background:var(--accent);color:var(--paper);cursor:pointer}button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
code{background:var(--ground);padding:.1rem .35rem;border-radius:.25rem}`;
