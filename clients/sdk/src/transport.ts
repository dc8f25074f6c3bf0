import { print } from 'graphql';
import { type Answer, judge, unanswered, type Verdict } from './answer.ts';
import { TesseraRequestError } from './errors.ts';
import type { ClientLimits } from './options.ts';
import { backoffMs, type Pace } from './pace.ts';
import type { Seen } from './seen.ts';
import type { TypedDocument } from './typed-document.ts';
import type { VisitorMemory } from './visitor.ts';

export interface GraphRequest {
  readonly document: TypedDocument<unknown, never>;
  readonly variables: unknown;
  /** Of the intent that the operation carries out; the same for every attempt. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Who asks: the session, or nobody where it is the session itself that asks. */
export interface Authorisation {
  /** The value of the header, or null for an anonymous caller. */
  header(): Promise<string | null>;
  /**
   * Called once per request, when the platform does not take it; false when there is nothing to renew.
   * @param refused the header that was sent
   */
  renew(refused: string | null): Promise<boolean>;
}

export interface TransportParts {
  readonly endpoint: string;
  readonly fetch: typeof globalThis.fetch;
  readonly clientName: string;
  readonly isCookieSession: boolean;
  readonly limits: ClientLimits;
  readonly pace: Pace;
  readonly seen: Seen;
  readonly visitor: VisitorMemory;
}

export interface Transport {
  /** @throws TesseraRequestError when no attempt brought a usable answer */
  send(request: GraphRequest, authorisation?: Authorisation): Promise<Answer<unknown>>;
}

/** Asks until there is an answer, within bounds: every operation of the platform may be sent twice. */
export function createTransport(parts: TransportParts): Transport {
  const { limits, pace } = parts;

  return {
    send: async (request, authorisation) => {
      const { operationName, query } = textOf(request.document);
      const body = JSON.stringify({ operationName, query, variables: request.variables ?? {} });
      let isRenewed = false;
      for (let attempt = 1; ; attempt += 1) {
        const header = (await authorisation?.header()) ?? null;
        const verdict = await exchange(body, header, request, parts);
        if (verdict.kind === 'answered') return verdict.answer;
        if (verdict.kind === 'failed') throw verdict.error;
        if (verdict.kind === 'unauthenticated') {
          if (isRenewed || !authorisation || !(await authorisation.renew(header))) throw verdict.error;
          isRenewed = true;
          continue;
        }
        if (attempt >= limits.attempts) return lastResort(verdict.last);
        await pace.sleep(Math.max(verdict.afterMs ?? 0, backoffMs(attempt, limits.backoff, pace.random)), request.signal);
      }
    },
  };
}

/** A stored key that stays in progress is an outcome like another; everything else is an error. */
function lastResort(last: Answer<unknown> | TesseraRequestError): Answer<unknown> {
  if (last instanceof TesseraRequestError) throw last;
  return last;
}

async function exchange(body: string, authorization: string | null, request: GraphRequest, parts: TransportParts): Promise<Verdict> {
  const { endpoint, fetch, isCookieSession, limits, seen, visitor } = parts;
  const timeout = AbortSignal.timeout(limits.attemptTimeoutMs);
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: await headersOf(authorization, request, parts),
      body,
      credentials: isCookieSession ? 'include' : 'omit',
      signal: request.signal ? AbortSignal.any([request.signal, timeout]) : timeout,
    });
    const text = await response.text();
    seen.note(response.headers.get('tessera-committed'));
    await visitor.note(response.headers.get('tessera-visitor'));
    return judge(response.status, parseJson(text));
  } catch (error) {
    request.signal?.throwIfAborted();
    return unanswered(error);
  }
}

async function headersOf(
  authorization: string | null,
  { idempotencyKey }: GraphRequest,
  parts: TransportParts,
): Promise<Record<string, string>> {
  const { clientName, seen, visitor } = parts;
  const optional = {
    authorization,
    'idempotency-key': idempotencyKey,
    'tessera-seen': seen.header(),
    'tessera-visitor': await visitor.token(),
  };
  const given = Object.entries(optional).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json',
    'tessera-client': clientName,
    ...Object.fromEntries(given),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const texts = new WeakMap<object, { readonly operationName: string | undefined; readonly query: string }>();

/** A document is printed once. */
export function textOf(document: TypedDocument<unknown, never>): { readonly operationName: string | undefined; readonly query: string } {
  const known = texts.get(document);
  if (known) return known;
  const operation = document.definitions.find((definition) => definition.kind === 'OperationDefinition');
  const text = { operationName: operation?.name?.value, query: print(document) };
  texts.set(document, text);
  return text;
}
