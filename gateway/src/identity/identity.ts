import { TesseraError } from '@tessera/service-kit/errors';
import type { Logger, RawAnswer } from '@tessera/service-kit/service';
import type { Transport } from '../transport/transport.ts';
import { type AccessTokens, createAccessTokens } from './access-token.ts';
import { createKeySet } from './key-set.ts';
import type { CallerParts } from './resolve-caller.ts';
import { RevokedSessions } from './revoked-sessions.ts';
import { createVisitors } from './visitor.ts';

const JWKS_PATH = '/.well-known/jwks.json';
const MAX_KEYS_BYTES = 64 * 1_024;

export interface Identity extends CallerParts {
  readonly revoked: RevokedSessions;
}

/** Everything that tells who sent a request, from the keys of the users subgraph and our own secret. */
export function createIdentity({ secret }: { readonly secret: string }, transports: ReadonlyMap<string, Transport>, log: Logger): Identity {
  const revoked = new RevokedSessions();
  const keys = createKeySet({ fetchKeys: () => fetchKeys(transports.get('users')), log });
  return { accessTokens: refusing(revoked, createAccessTokens(keys)), visitors: createVisitors(secret), revoked };
}

function refusing(revoked: RevokedSessions, tokens: AccessTokens): AccessTokens {
  return {
    verify: async (token) => {
      const verified = await tokens.verify(token);
      if (revoked.has(verified.sessionId)) throw new TesseraError('UNAUTHENTICATED', 'The session has ended: log in again.');
      return verified;
    },
  };
}

async function fetchKeys(users: Transport | undefined): Promise<string> {
  if (!users) throw new Error('There is no users subgraph to ask for keys.');
  const answer = await users.ask(JWKS_PATH);
  if (answer.status !== 200) throw new Error(`The users subgraph answered ${answer.status}`);
  return textOf(answer);
}

async function textOf({ body }: RawAnswer): Promise<string> {
  if (typeof body === 'string' || Buffer.isBuffer(body)) return body.toString();
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > MAX_KEYS_BYTES) throw new Error('The users subgraph answered with more than a set of keys.');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
