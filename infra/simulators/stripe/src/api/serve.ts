import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Account, API_VERSION, type CurrentRequest } from '../account/account.ts';
import { ENDPOINTS } from './endpoints.ts';
import { ApiError, keepsEffects } from './errors.ts';
import { expandAnswer } from './expansion.ts';
import { fingerprintOf, type Idempotency } from './idempotency.ts';
import { authenticate, parseForm, readBody } from './request.ts';
import { findEndpoint } from './routes.ts';

export interface ApiContext {
  readonly account: Account;
  readonly idempotency: Idempotency;
  readonly secretKey: string;
  readonly publishableKey: string;
  nextRequestId(): string;
  /** What was due by now happens. */
  runDue(): void;
  /** Sends what these events are due for, and waits for it. */
  deliverNow(eventIds: readonly string[]): Promise<void>;
  /** Sends what is due, and does not wait. */
  wake(): void;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request to `/v1`, with what the fault plan has for it. */
export async function serveApi(context: ApiContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { faults } = context.account;
  const id = context.nextRequestId();
  const outage = faults.outage();
  if (outage === 'UNAVAILABLE') return send(response, id, request, errorAnswer(unavailable()));
  if (outage === 'RESET' || faults.happens('reset')) return cut(response);
  try {
    authenticate(request.headers.authorization, context);
    if (faults.happens('rateLimited')) throw rateLimited();
    if (faults.happens('serverError')) throw broken();
    const answer = await answerRequest(context, id, request);
    if (faults.happens('lostResponse')) cut(response);
    else send(response, id, request, answer);
  } catch (error) {
    send(response, id, request, errorAnswer(asApiError(error)));
  }
  // After the answer is on its way: normally it arrives before the webhooks.
  setImmediate(() => context.wake());
}

async function answerRequest(context: ApiContext, id: string, request: IncomingMessage): Promise<Answer> {
  const { account, idempotency } = context;
  const url = new URL(request.url ?? '/', account.baseUrl);
  const method = request.method ?? 'GET';
  const body = await readBody(request);
  const form = parseForm(method === 'GET' || (method === 'DELETE' && body === '') ? url.search.slice(1) : body);
  const header = method === 'POST' ? request.headers['idempotency-key'] : undefined;
  const key = typeof header === 'string' ? header : null;
  const fingerprint = fingerprintOf(method, url.pathname, form);
  const saved = key === null ? undefined : idempotency.begin(key, fingerprint);
  if (saved) {
    return {
      status: saved.status,
      body: saved.body,
      headers: { 'idempotent-replayed': 'true', 'original-request': saved.request, ...advice(saved.status) },
    };
  }
  try {
    const { faults } = account;
    if (faults.happens('latencyMs')) await sleep(faults.amount('latencyMs', faults.plan.latencyMs.min, faults.plan.latencyMs.max));
    const current: CurrentRequest = { id, idempotencyKey: key, eventIds: [] };
    const answer = execute(context, { method, path: url.pathname, form, fingerprint, current });
    if (current.eventIds.length > 0 && faults.happens('eventBeforeAnswer')) await context.deliverNow(current.eventIds);
    return answer;
  } finally {
    if (key !== null) idempotency.end(key);
  }
}

interface Execution {
  readonly method: string;
  readonly path: string;
  readonly form: Readonly<Record<string, unknown>>;
  readonly fingerprint: string;
  readonly current: CurrentRequest;
}

/** Effects and the saved answer are one transaction; a refusal without effects is saved on its own. */
function execute(context: ApiContext, execution: Execution): Answer {
  const { account, idempotency } = context;
  const { current, fingerprint } = execution;
  context.runDue();
  const save = (answer: Answer): Answer => {
    if (current.idempotencyKey !== null) {
      idempotency.save(current.idempotencyKey, { fingerprint, status: answer.status, body: answer.body, request: current.id });
    }
    return answer;
  };
  account.currentRequest = current;
  try {
    return account.store.transaction(() => save(run(account, execution)));
  } catch (error) {
    current.eventIds.length = 0;
    const refusal = asApiError(error);
    return refusal.isSaved ? save(errorAnswer(refusal)) : errorAnswer(refusal);
  } finally {
    account.currentRequest = null;
  }
}

function run(account: Account, { method, path, form }: Execution): Answer {
  const match = findEndpoint(ENDPOINTS, method, path);
  if (!match) {
    const message = `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`;
    throw new ApiError(404, { type: 'invalid_request_error', message }, false);
  }
  try {
    const answer = expandAnswer(account, match.endpoint.run(account, form, match.id), form.expand);
    if (method !== 'GET' && account.faults.happens('serverErrorAfter')) return errorAnswer(broken());
    return { status: 200, body: JSON.stringify(answer, null, 2) };
  } catch (error) {
    if (error instanceof ApiError && keepsEffects(error)) return errorAnswer(error);
    throw error;
  }
}

function send(response: ServerResponse, id: string, request: IncomingMessage, { status, body, headers }: Answer): void {
  if (response.destroyed) return;
  const key = request.headers['idempotency-key'];
  const version = request.headers['stripe-version'];
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, no-store',
    'request-id': id,
    'stripe-version': typeof version === 'string' ? version : API_VERSION,
    ...(typeof key === 'string' && { 'idempotency-key': key, 'original-request': id }),
    ...advice(status),
    ...headers,
  });
  response.end(body);
}

/** A reset, so that the client sees an error of the connection and no empty answer. */
function cut(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

function errorAnswer({ status, body }: ApiError): Answer {
  return {
    status,
    body: JSON.stringify({ error: body }, null, 2),
    headers: status === 429 ? { 'stripe-rate-limited-reason': 'global-rate' } : {},
  };
}

/** What Stripe tells its SDKs: a saved error comes again whatever they do, a key in use will be free soon. */
function advice(status: number): Readonly<Record<string, string>> {
  if (status === 409) return { 'stripe-should-retry': 'true' };
  return status === 500 ? { 'stripe-should-retry': 'false' } : {};
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  console.error(error);
  return broken(false);
}

function broken(isSaved = true): ApiError {
  return new ApiError(500, { type: 'api_error', message: 'An unknown error occurred' }, isSaved);
}

function rateLimited(): ApiError {
  const message = 'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.';
  return new ApiError(429, { type: 'invalid_request_error', code: 'rate_limit', message }, false);
}

function unavailable(): ApiError {
  return new ApiError(503, { type: 'api_error', message: 'The service is unavailable. Try again later.' }, false);
}
