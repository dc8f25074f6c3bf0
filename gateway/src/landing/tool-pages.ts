import { escapeHtml, htmlPage } from './html.ts';
import type { Page } from './landing-page.ts';

const SANDBOX_SCRIPT = 'https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js';
const SANDBOX_FRAME = 'https://sandbox.embed.apollographql.com';

/** The bundled explorer: nothing in it comes from another host. */
export function graphiqlPage({ script, styles }: { readonly script: string; readonly styles: readonly string[] }): Page {
  const head = [
    ...styles.map((file) => `<link rel="stylesheet" href="/graphiql/${escapeHtml(file)}">`),
    `<script type="module" src="/graphiql/${escapeHtml(script)}"></script>`,
  ].join('\n');
  return {
    html: htmlPage({ title: 'Tessera GraphiQL', head, body: '<div id="graphiql" class="graphiql-root">Loading…</div>' }),
    policy: { allowsStyles: true },
  };
}

/** Apollo's own explorer, which its network serves. */
export function sandboxPage(): Page {
  const html = htmlPage({
    title: 'Tessera Sandbox',
    head: `<style>${SANDBOX_STYLE}</style>`,
    body: `<div id="sandbox"><p id="notice">Loading Apollo Sandbox…</p></div>
<script src="${SANDBOX_SCRIPT}"></script>
<script>${SANDBOX_START}</script>`,
  });
  return {
    html,
    policy: {
      inlineScripts: [SANDBOX_START],
      allowsStyles: true,
      scriptSources: ['https://embeddable-sandbox.cdn.apollographql.com'],
      frameSources: [SANDBOX_FRAME],
    },
  };
}

const SANDBOX_STYLE =
  'html,body,#sandbox{height:100%;margin:0}#sandbox iframe{width:100%;height:100%;border:0}#notice{font:16px/1.5 system-ui,sans-serif;padding:2rem;max-width:40rem}';

const SANDBOX_START = `
if (window.EmbeddedSandbox) {
  document.getElementById('notice').remove();
  new window.EmbeddedSandbox({ target: '#sandbox', initialEndpoint: location.origin + '/graphql', includeCookies: true });
} else {
  document.getElementById('notice').innerHTML = 'Apollo Sandbox is loaded from Apollo\\u2019s network, which cannot be reached from here. <a href="/graphiql">GraphiQL</a> works without internet.';
}
`;
