import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { readBody } from './api/request.ts';
import { type ApiContext, serveApi } from './api/serve.ts';
import { CONTROL_PATH, serveControl } from './control/over-http.ts';
import type { SimulatorControl } from './control/types.ts';
import { servePages } from './pages/serve.ts';

export interface ServerContext extends ApiContext {
  readonly control: SimulatorControl;
}

/** `/v1` is Stripe, `/_simulator` the control API, everything else pages for people. */
export function createRequestListener(context: ServerContext): RequestListener {
  return (request, response) => {
    route(context, request, response).catch((error: unknown) => {
      // A client that went away is nobody's fault.
      if (!response.socket?.destroyed) console.error(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  };
}

async function route(context: ServerContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://simulator');
  if (pathname.startsWith('/v1/')) return serveApi(context, request, response);
  if (pathname.startsWith(`${CONTROL_PATH}/`)) {
    // Asked of every POST, so that no page of another origin can send one without the browser asking first.
    const isJson = request.headers['content-type']?.startsWith('application/json');
    if (request.method === 'POST' && !isJson)
      return sendJson(response, 415, '{"error":{"code":"not_json","message":"Send application/json."}}');
    const { status, body } = await serveControl(context.control, request.method ?? 'GET', pathname, await readBody(request));
    return sendJson(response, status, body);
  }
  return servePages(context, request, response);
}

function sendJson(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(body);
}
