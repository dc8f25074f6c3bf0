import { CLIENT_SCRIPT } from './client-script.ts';
import { PAY_RETURN_DOCUMENTS } from './documents.ts';
import { htmlPage, scriptJson } from './html.ts';
import type { Page } from './landing-page.ts';
import { PAGE_STYLE } from './page-style.ts';
import { PAY_RETURN_SCRIPT } from './pay-return-script.ts';

/**
 * `/pay/return?orderId=&paymentId=&outcome=`: where the page of a payment provider sends the customer, `outcome` being `done`, `cancelled`,
 * `setup` or `top-up`. Shows the order, or for a top-up the wallets, as they change. What the address says is only a hint: nothing is
 * believed but what the graph answers to whoever is logged in.
 */
export function payReturnPage({ hasTools }: { readonly hasTools: boolean }): Page {
  const html = htmlPage({
    title: 'Tessera: your payment',
    head: `<style>${STYLE}</style>`,
    body: `<main>
<header><h1 id="title">Your payment</h1><p id="live" role="status">Asking…</p></header>
<section aria-labelledby="state" id="hero"><p id="state" class="state" data-tone="waiting" aria-live="polite">…</p><p id="meaning"></p><div id="next"></div></section>
<div id="details"></div>
${hasTools ? '<nav aria-label="Tools"><a href="/">Start page</a><a href="/graphiql">GraphiQL</a></nav>' : ''}
</main>
<noscript>This page needs JavaScript.</noscript>
<script type="application/json" id="documents">${scriptJson(PAY_RETURN_DOCUMENTS)}</script>
<script>${SCRIPT}</script>`,
  });
  return { html, policy: { inlineScripts: [SCRIPT], inlineStyles: [STYLE] } };
}

const SCRIPT = `'use strict';${CLIENT_SCRIPT}${PAY_RETURN_SCRIPT}`;

const STYLE = `${PAGE_STYLE}
.state{font-size:clamp(1.6rem,7vw,2.75rem);line-height:1.15;font-weight:700;margin:0 0 .5rem;overflow-wrap:anywhere}
.state[data-tone=good]{color:var(--good)}.state[data-tone=bad]{color:var(--bad)}
#hero p{margin:.35rem 0}#live::before{content:'';display:inline-block;width:.6rem;height:.6rem;margin-right:.4rem;border-radius:50%;background:var(--soft)}#live[data-on=true]::before{background:var(--good)}
.action{display:inline-block;margin-top:.5rem;padding:.6rem 1rem;border-radius:.5rem;background:var(--accent);color:var(--paper);text-decoration:none}
pre{background:var(--ground);padding:.75rem;border-radius:.5rem;overflow-x:auto;font-size:.85rem}.good{color:var(--good)}.bad{color:var(--bad)}
td.amount{white-space:nowrap;font-variant-numeric:tabular-nums}td.name{overflow-wrap:anywhere}
@media (max-width:36rem){main{padding:1.25rem .75rem}section{padding:1rem}h1{font-size:1.4rem;overflow-wrap:anywhere}
thead{display:none}tr{display:flex;flex-wrap:wrap;gap:0 1rem;padding:.45rem 0;border-bottom:1px solid var(--line)}td{border:0;padding:.1rem 0}td.name{flex-basis:100%;font-weight:600}td:empty{display:none}
td:not(.name)::before{content:attr(data-label) ' ';color:var(--soft)}}`;
