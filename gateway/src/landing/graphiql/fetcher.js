import { getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { fillIn, rememberIds } from './last-seen.js';
import { accessToken, rememberSession } from './session.js';

const SEEN_MS = 10_000;
const NO_HEADERS = {};

let seen = { token: null, until: 0 };

/** As a careful client asks: signed in, with a fresh idempotency key per run, and waiting for what it has just written. */
export function fetcher(params, { headers = NO_HEADERS } = {}) {
  const operation = operationOf(params);
  const kind = params.operationName === 'IntrospectionQuery' ? 'introspection' : (operation?.operation ?? 'query');
  const filled = { ...params, operationName: operation?.name?.value, variables: fillIn(params.variables) };
  return kind === 'subscription' ? subscribe(filled) : ask(filled, kind, headers);
}

async function ask(params, kind, headers) {
  const token = await accessToken();
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(kind === 'mutation' ? { 'idempotency-key': crypto.randomUUID() } : {}),
      ...(seen.until > Date.now() ? { 'tessera-seen': seen.token } : {}),
      ...headers,
    },
    body: JSON.stringify(params),
  });
  const committed = response.headers.get('tessera-committed');
  if (committed) seen = { token: committed, until: Date.now() + SEEN_MS };
  const answer = await response.json();
  if (kind !== 'introspection') {
    rememberSession(answer.data, params.variables);
    rememberIds(answer.data);
  }
  return answer;
}

/** A socket of its own for each run, so that it carries whoever is logged in at that moment. */
async function* subscribe(params) {
  const client = createClient({
    url: `${location.origin.replace(/^http/, 'ws')}/graphql`,
    connectionParams: async () => {
      const token = await accessToken();
      return token ? { authorization: `Bearer ${token}` } : {};
    },
    retryAttempts: 0,
  });
  try {
    yield* client.iterate(params);
  } catch (error) {
    yield Array.isArray(error) ? { errors: error } : { errors: [{ message: error?.reason || error?.message || 'The socket was closed.' }] };
  } finally {
    await client.dispose();
  }
}

/** The operation to run. Right after a change of tab the editor still names that of the tab before. */
function operationOf({ query, operationName }) {
  try {
    const document = parse(query);
    return getOperationAST(document, operationName) ?? getOperationAST(document);
  } catch {
    return null; // the server says where the mistake is
  }
}
