import { constantTimeEqual, deriveKey, hmac } from '@tessera/service-kit/crypto';
import type { NormalSide } from '../engine/index.ts';
import type { WalletFacts } from '../wallet/wallet.type.ts';

/** Clocks of two machines may differ by this much. */
const CLOCK_TOLERANCE_MS = 5_000;

export interface HintValues {
  seal(facts: WalletFacts, nowMs: number): string;
  /** Null for what is not ours, of another wallet, or too old: somebody else may write into a shared Redis. */
  open(text: string, walletId: string, nowMs: number): WalletFacts | null;
}

type Fields = readonly [string, string | null, string, NormalSide, string, string, string, string, boolean, number];

/** Copies of wallets that only those who hold the secret can have made. */
export function createHintValues(secret: string, lifetimeMs: number): HintValues {
  const key = deriveKey(secret, 'balance-hints');
  return {
    seal: (facts, nowMs) => {
      const { id, ownerId, currency, normalSide, debitsPosted, creditsPosted, debitsPending, creditsPending, isClosed } = facts;
      const counters = [debitsPosted, creditsPosted, debitsPending, creditsPending].map(String) as [string, string, string, string]; // as many
      const fields: Fields = [id, ownerId ?? null, currency, normalSide, ...counters, isClosed, nowMs];
      const body = JSON.stringify(fields);
      return `${hmac(key, body, 'base64url')}${body}`;
    },
    open: (text, walletId, nowMs) => {
      const [signature, body] = [text.slice(0, SIGNATURE_LENGTH), text.slice(SIGNATURE_LENGTH)];
      if (!constantTimeEqual(signature, hmac(key, body, 'base64url'))) return null;
      const [id, ownerId, currency, normalSide, ...rest] = JSON.parse(body) as Fields; // signed, so it is ours
      const [debitsPosted, creditsPosted, debitsPending, creditsPending, isClosed, madeAtMs] = rest;
      if (id !== walletId || nowMs - madeAtMs > lifetimeMs + CLOCK_TOLERANCE_MS) return null;
      return {
        ...{ id, ownerId, currency, normalSide, isClosed },
        debitsPosted: BigInt(debitsPosted),
        creditsPosted: BigInt(creditsPosted),
        debitsPending: BigInt(debitsPending),
        creditsPending: BigInt(creditsPending),
      };
    },
  };
}

/** Characters of base64url that an HMAC-SHA256 takes. */
const SIGNATURE_LENGTH = 43;
