import { createPrivateKey, sign } from 'node:crypto';
import { ACCESS_TOKEN_TYPE } from '@tessera/schema/contract';
import { createEnvelope, deriveKey } from '@tessera/service-kit/crypto';
import { query } from './query.ts';
import { openSecrets } from './secrets.ts';

const ENVELOPE_KEY = 'k1';

/**
 * An access token with these claims, signed with the key that the users subgraph of this stack signs with now: genuine in all but what its
 * claims say.
 */
export async function genuineAccessToken(
  claims: Readonly<Record<string, unknown>>,
  stack: { readonly usersUrl: string; readonly secretsFile: string },
): Promise<string> {
  const { USERS_SECRET = '' } = openSecrets(stack.secretsFile).environment;
  const keys = { [ENVELOPE_KEY]: deriveKey(USERS_SECRET, 'users-envelope').toString('base64') };
  const [row] = await query(stack.usersUrl, 'select id, sealed_private_jwk from signing_keys order by activates_at limit 1');
  const kid = String(row?.id);
  const jwk = createEnvelope({ keys, current: ENVELOPE_KEY }).open(String(row?.sealed_private_jwk), `users/signing_keys/${kid}/private`);
  const text = [{ alg: 'EdDSA', typ: ACCESS_TOKEN_TYPE, kid }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const key = createPrivateKey({ key: JSON.parse(jwk), format: 'jwk' });
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
}
