import { TesseraError } from '@tessera/service-kit/errors';
import type { RawRequest } from '@tessera/service-kit/service';
import type { OfferedOperation } from '../limits/admit.ts';

export interface Offer {
  /** The parsed JSON of a POST; undefined where there is none that we read. */
  readonly body: unknown;
  readonly operations: readonly Omit<OfferedOperation, 'bodyBytes'>[];
  readonly bodyBytes: number;
}

/** What a request asks for, as far as it can be told before the server reads it: a JSON body, or the query of a GET. */
export async function parseOffer(request: RawRequest): Promise<Offer> {
  if (request.method !== 'POST') return { body: undefined, operations: [offerOf(Object.fromEntries(request.query))], bodyBytes: 0 };
  const bytes = await request.body();
  const body = isJson(request.headers['content-type']) ? parseJson(bytes) : undefined;
  return { body, operations: isRecord(body) ? [offerOf(body)] : [], bodyBytes: bytes.length };
}

function offerOf({ query, variables, extensions }: Record<string, unknown>): Omit<OfferedOperation, 'bodyBytes'> {
  const given = typeof variables === 'string' ? jsonOrNothing(variables) : variables;
  return { query: typeof query === 'string' ? query : null, variables: { variables: given, extensions }, hash: hashOf(extensions) };
}

function hashOf(extensions: unknown): string | null {
  const persisted = isRecord(extensions) ? extensions.persistedQuery : null;
  return isRecord(persisted) && typeof persisted.sha256Hash === 'string' ? persisted.sha256Hash : null;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new TesseraError('BAD_USER_INPUT', 'The body is not JSON.', {}, { cause });
  }
}

/** The server refuses text that is not JSON with words of its own. */
function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/(graphql\+)?json\b/i.test(contentType ?? '');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
