import { isCurrencyCode } from '@tessera/schema/contract';
import { constantTimeEqual, deriveKey, hmac } from '@tessera/service-kit/crypto';
import { z } from 'zod';

export const DOWNLOADS_PATH = '/statements/';
export const LINK_LIFETIME_MINUTES = 5;
const LINK_LIFETIME_MS = LINK_LIFETIME_MINUTES * 60_000;
const MAX_TOKEN_LENGTH = 1_000;
const DAY = /^\d{4}-\d\d-\d\d$/;

const FORMATS = ['csv', 'pdf'] as const;
export type DownloadFormat = (typeof FORMATS)[number];

/** What somebody was allowed to download. */
export interface Download {
  readonly walletId: string;
  readonly currency: string;
  readonly from: string;
  readonly to: string;
  readonly format: DownloadFormat;
  /** Who asked for the link. */
  readonly principal: string;
}

export type OpenedLink =
  | { readonly kind: 'GOOD'; readonly download: Download }
  | { readonly kind: 'EXPIRED' }
  | { readonly kind: 'FORGED' };

export interface DownloadLinks {
  /** An absolute URL. */
  sign(download: Download, now: Date): string;
  /** What a request for one of our links asks for. */
  open(path: string, token: string | null, now: Date): OpenedLink;
}

const content = z.tuple([
  z.string(),
  z.custom<string>((value) => typeof value === 'string' && isCurrencyCode(value)),
  z.string().regex(DAY),
  z.string().regex(DAY),
  z.enum(FORMATS),
  z.string(),
  z.number().int(),
]);

/**
 * Links that are their own permission: an HMAC over wallet, days, format, expiry and who asked. They need no session, so that a browser
 * or a download manager can follow them, and say nothing to whoever has not seen them. Any process with the secret can answer them.
 */
export function createDownloadLinks(secret: string, publicUrl: string): DownloadLinks {
  const key = deriveKey(secret, 'statement-downloads');
  return {
    sign: (download, now) => {
      const { walletId, currency, from, to, format, principal } = download;
      const fields = [walletId, currency, from, to, format, principal, now.getTime() + LINK_LIFETIME_MS];
      const body = Buffer.from(JSON.stringify(fields)).toString('base64url');
      return `${publicUrl}${DOWNLOADS_PATH}${fileNameOf(download)}?token=${body}.${hmac(key, body, 'base64url')}`;
    },
    open: (path, token, now) => {
      const [body, signature, ...rest] = (token ?? '').slice(0, MAX_TOKEN_LENGTH).split('.');
      if (!body || !signature || rest.length > 0 || !constantTimeEqual(signature, hmac(key, body, 'base64url'))) return { kind: 'FORGED' };
      const { data } = content.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))); // signed, so it is JSON of ours
      if (!data) return { kind: 'FORGED' };
      const [walletId, currency, from, to, format, principal, expiresAtMs] = data;
      const download: Download = { walletId, currency, from, to, format, principal };
      if (path !== `${DOWNLOADS_PATH}${fileNameOf(download)}`) return { kind: 'FORGED' };
      return now.getTime() > expiresAtMs ? { kind: 'EXPIRED' } : { kind: 'GOOD', download };
    },
  };
}

/** Letters, digits and hyphens only: safe in a path, in a header and on a disk. */
export function fileNameOf({ currency, from, to, format }: Download): string {
  return `statement-${currency}-${from}-${to}.${format}`;
}
