import { TesseraError } from '@tessera/service-kit/errors';
import type { RawRequest } from '@tessera/service-kit/service';

export interface Offer {
  /** The parsed JSON of a POST; undefined where there is none that we read. */
  readonly body: unknown;
  /** The same as it came. */
  readonly text: string;
  readonly bodyBytes: number;
  readonly parameters: Parameters | null;
}

/** The parameters of a GraphQL request, from a body or from a URL. */
export interface Parameters {
  readonly query: string | null;
  readonly variables: unknown;
  readonly extensions: unknown;
  /** How a request without a document names one; see `named-document.ts`. */
  readonly documentId: unknown;
}

/** What a request asks for, as far as it can be told before the server reads it: a JSON body, or the query of a GET. */
export async function parseOffer(request: RawRequest): Promise<Offer> {
  if (request.method !== 'POST') return { body: undefined, text: '', bodyBytes: 0, parameters: ofUrl(request.query) };
  const bytes = await request.body();
  if (!isJson(request.headers['content-type'])) return { body: undefined, text: '', bodyBytes: bytes.length, parameters: null };
  const text = bytes.toString('utf8');
  const body = parseJson(text);
  return { body, text, bodyBytes: bytes.length, parameters: isRecord(body) ? ofBody(body) : null };
}

function ofBody({ query, variables, extensions, documentId }: Record<string, unknown>): Parameters {
  return { query: textOrNull(query), variables, extensions, documentId };
}

function ofUrl(parameters: URLSearchParams): Parameters {
  return {
    query: textOrNull(parameters.get('query')),
    variables: jsonOrNothing(parameters.get('variables')),
    extensions: jsonOrNothing(parameters.get('extensions')),
    documentId: parameters.get('documentId') ?? undefined,
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TesseraError('BAD_USER_INPUT', 'The body is not JSON.', {}, { cause });
  }
}

/** The server refuses text that is not JSON with words of its own. */
function jsonOrNothing(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isJson(contentType: string | undefined): boolean {
  return contentType === 'application/json' || /^application\/(graphql\+)?json\b/i.test(contentType ?? '');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
