import { ACCESS_TOKEN_AUDIENCE, ACCESS_TOKEN_ISSUER, ACCESS_TOKEN_TYPE, type Role, scopesOf } from '@tessera/schema/contract';
import { SignJWT } from 'jose';
import type { KeyRing } from '../signing/key-ring.ts';
import { ACCESS_TOKEN_LIFETIME_MS } from './session.ts';

export interface AccessToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
}

/** Rights are as of `now`: a role that changes later shows in the next token. */
export async function issueAccessToken(
  { userId, sessionId, roles }: { readonly userId: string; readonly sessionId: string; readonly roles: readonly Role[] },
  keys: KeyRing,
  now: Date,
): Promise<AccessToken> {
  const { kid, privateKey } = await keys.signingKey(now);
  const issuedAt = Math.floor(now.getTime() / 1_000);
  const expiresAt = issuedAt + ACCESS_TOKEN_LIFETIME_MS / 1_000;
  const accessToken = await new SignJWT({ sid: sessionId, roles: [...roles].sort(), scope: scopesOf(roles).join(' ') })
    .setProtectedHeader({ alg: 'EdDSA', typ: ACCESS_TOKEN_TYPE, kid })
    .setIssuer(ACCESS_TOKEN_ISSUER)
    .setAudience(ACCESS_TOKEN_AUDIENCE)
    .setSubject(userId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(privateKey);
  return { accessToken, expiresAt: new Date(expiresAt * 1_000) };
}
