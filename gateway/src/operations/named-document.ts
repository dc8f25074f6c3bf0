import type { HTTPGraphQLRequest } from '@apollo/server';
import { TesseraError } from '@tessera/service-kit/errors';
import { isRecord, type Offer, type Parameters } from './parse-offer.ts';

const HASH = /^[0-9a-f]{64}$/;
const SHA256_PREFIX = 'sha256:';

/**
 * The SHA-256 of the document that a request names instead of sending it: by `documentId: "sha256:…"` (GraphQL over HTTP, appendix A) or by
 * `extensions.persistedQuery.sha256Hash` (Apollo). Null where it names none, or not in a way that we know.
 */
export function namedHashOf({ query, documentId, extensions }: Parameters): string | null {
  if (documentId !== undefined && documentId !== null) return hashOfDocumentId(documentId, query);
  const persisted = persistedQueryOf(extensions);
  const hash = isRecord(persisted) && persisted.version === 1 ? persisted.sha256Hash : null;
  return typeof hash === 'string' && HASH.test(hash) ? hash : null;
}

function hashOfDocumentId(documentId: unknown, query: string | null): string {
  if (query !== null) throw new TesseraError('BAD_USER_INPUT', 'Send either query or documentId.');
  const hash = typeof documentId === 'string' && documentId.startsWith(SHA256_PREFIX) ? documentId.slice(SHA256_PREFIX.length) : '';
  if (!HASH.test(hash)) throw new TesseraError('BAD_USER_INPUT', 'documentId must be "sha256:" and the SHA-256 of the document in hex.');
  return hash;
}

/**
 * What the server is given: the hash in place of a text that we know, so that it need not hash it again; it asks us for the text. A client that
 * registers a hash with its text gets it checked by the server.
 */
export function forServer(
  { body, parameters }: Offer,
  search: URLSearchParams,
  hash: string | null,
): Pick<HTTPGraphQLRequest, 'body' | 'search'> {
  if (parameters && hash !== null) {
    const { extensions, query, documentId } = parameters;
    const isPlain =
      (extensions === undefined || extensions === null || isRecord(extensions)) && (query === null || !persistedQueryOf(extensions));
    const withHash = { ...(isRecord(extensions) ? extensions : {}), persistedQuery: { version: 1, sha256Hash: hash } };
    if (isPlain && isRecord(body)) return { body: { ...body, query: undefined, extensions: withHash }, search: '' };
    if (documentId !== undefined && body === undefined) {
      const named = new URLSearchParams(search);
      named.set('extensions', JSON.stringify(withHash));
      return { body, search: `?${named}` };
    }
  }
  return { body, search: search.size > 0 ? `?${search}` : '' };
}

function persistedQueryOf(extensions: unknown): unknown {
  return isRecord(extensions) ? extensions.persistedQuery : undefined;
}
