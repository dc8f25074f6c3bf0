import type { PagePolicy } from './content-policy.ts';
import { escapeHtml, htmlPage, scriptJson } from './html.ts';
import { LANDING_SCRIPT } from './landing-script.ts';
import type { LandingOptions, LocalAccount } from './options.ts';
import { PAGE_STYLE } from './page-style.ts';

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

const STYLE = `${PAGE_STYLE}
.accounts{list-style:none;padding:0;margin:0;display:grid;gap:.5rem;grid-template-columns:repeat(auto-fill,minmax(16rem,1fr))}
.accounts li{display:grid;gap:.15rem;border:1px solid var(--line);border-radius:.5rem;padding:.75rem}.accounts span{color:var(--soft)}
button{font:inherit;padding:.45rem .8rem;border:0;border-radius:.5rem;background:var(--accent);color:var(--paper);cursor:pointer}`;
