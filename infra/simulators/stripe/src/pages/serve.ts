import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from '../api/errors.ts';
import { type Form, parseForm, readBody } from '../api/request.ts';
import { SimulatorError } from '../control/types.ts';
import { resolveAuthentication } from '../objects/payment-intents/attempt.ts';
import { resolveSetupAuthentication } from '../objects/setup-intents.ts';
import { type ActionContext, backOf, performAction } from './actions.ts';
import { submitCheckout } from './checkout-form.ts';
import { checkoutPage } from './checkout-page.ts';
import { overviewPage } from './dashboard-page.ts';
import { eventsPage } from './events-page.ts';
import { html } from './html.ts';
import { notice, type PageAnswer } from './layout.ts';
import { paymentPage } from './payment-page.ts';
import { ICON, STYLE } from './style.ts';
import { authenticationPage } from './three-d-secure-page.ts';

export interface PageContext extends ActionContext {
  runDue(): void;
}

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/** Everything that people look at. */
export async function servePages(context: PageContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://simulator');
  const asset = request.method === 'GET' ? ASSETS[url.pathname] : undefined;
  if (asset) {
    response.writeHead(200, { ...HEADERS, 'content-type': asset.type });
    response.end(asset.body);
    return;
  }
  send(response, await answerOrProblem(context, request, url));
}

const ASSETS: Readonly<Record<string, { readonly type: string; readonly body: string }>> = {
  '/assets/simulator.css': { type: 'text/css; charset=utf-8', body: STYLE },
  '/assets/icon.svg': { type: 'image/svg+xml', body: ICON },
};

async function answerOrProblem(context: PageContext, request: IncomingMessage, url: URL): Promise<PageAnswer> {
  try {
    context.runDue();
    if (request.method === 'GET' || request.method === 'HEAD') return show(context, url);
    if (request.method !== 'POST') return problem(405, 'This page cannot do that.');
    if (isForeign(request)) return problem(403, 'This form came from another site.');
    return await submit(context, url.pathname, parseForm(await readBody(request)));
  } catch (error) {
    if (error instanceof ApiError) return problem(error.status, error.message);
    if (error instanceof SimulatorError) return problem(400, error.message);
    throw error;
  }
}

function show({ account }: PageContext, { pathname, searchParams }: URL): PageAnswer {
  const { store } = account;
  if (pathname === '/') return { html: overviewPage(account) };
  if (pathname === '/events') return { html: eventsPage(account, searchParams.get('before')) };
  const [, kind, id = ''] = /^\/(c\/pay|3d-secure|payments)\/(\w+)$/.exec(pathname) ?? [];
  const session = kind === 'c/pay' ? store.get('checkout_session', id) : undefined;
  if (session) return { html: checkoutPage(account, session, { isReturning: searchParams.has('returning') }) };
  const intent = kind === '3d-secure' ? (store.get('payment_intent', id) ?? store.get('setup_intent', id)) : undefined;
  if (intent) return { html: authenticationPage(account, intent) };
  const payment = kind === 'payments' ? store.get('payment_intent', id) : undefined;
  return payment ? { html: paymentPage(account, payment) } : problem(404, 'There is no such page. It may have gone with a reset.');
}

async function submit(context: PageContext, pathname: string, form: Form): Promise<PageAnswer> {
  const { account, wake } = context;
  const [, kind, rest = ''] = /^\/(c\/pay|3d-secure|actions)\/([\w/-]+)$/.exec(pathname) ?? [];
  try {
    switch (kind) {
      case 'c/pay':
        return submitCheckout(account, rest, form);
      case '3d-secure': {
        const resolve = rest.startsWith('seti_') ? resolveSetupAuthentication : resolveAuthentication;
        account.store.transaction(() => resolve(account, rest, form.answer === 'COMPLETE'));
        return { redirect: `/3d-secure/${rest}` };
      }
      case 'actions': {
        const action = performAction(context, rest, form);
        if (!action) return problem(404, 'There is no such action.');
        await action;
        return { redirect: backOf(form) };
      }
      default:
        return problem(404, 'There is no such page.');
    }
  } finally {
    wake();
  }
}

/** A form on a page of another origin must not act here. Programs send no Origin. */
function isForeign({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin !== undefined && origin !== `http://${host}`;
}

function problem(status: number, message: string): PageAnswer {
  const actions = html`<a class="button" href="/">To the dashboard</a>`;
  return {
    status,
    html: notice({ title: status === 404 ? 'Nothing here' : 'That did not work', tone: 'bad', text: html`<p>${message}</p>`, actions }),
  };
}

function send(response: ServerResponse, answer: PageAnswer): void {
  if ('redirect' in answer) {
    response.writeHead(303, { ...HEADERS, location: answer.redirect });
    response.end();
    return;
  }
  const shown =
    'goTo' in answer
      ? {
          html: notice({
            title: 'Nothing was paid',
            tone: 'calm',
            goTo: { url: answer.goTo, seconds: 0 },
            text: html`<p>You go back to the shop.</p>`,
            actions: html`<a class="button primary" href="${answer.goTo}">Back to the shop</a>`,
          }),
        }
      : answer;
  response.writeHead('status' in shown ? (shown.status ?? 200) : 200, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' });
  response.end(shown.html);
}
