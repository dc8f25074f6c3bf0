import { type CurrencyCode, isCurrencyCode } from '@tessera/schema/contract';
import { type CommonConfigShape, type Config, commonConfig, integer, variable } from '@tessera/service-kit/config';
import type { EnvelopeKeys } from '@tessera/service-kit/crypto';
import { z } from 'zod';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const KEY_BYTES = 32;

/** The only file that knows variable names. */
export const ordersConfig = {
  ...commonConfig('ORDERS'),
  /** Key-encryption keys of the deposited secrets: `{"k1": "<32 bytes as base64>", …}`; the last one seals, all of them open. */
  encryptionKeys: variable('ORDERS_ENCRYPTION_KEYS', envelopeKeys()),
  /** How long an order waits for its money before it expires and gives its stock back. */
  paymentDeadlineMs: variable('ORDERS_PAYMENT_DEADLINE_MS', integer(100, DAY_MS).default(15 * MINUTE_MS)),
  /** How long a quoted price holds. */
  quoteTtlMs: variable('ORDERS_QUOTE_TTL_MS', integer(100, DAY_MS).default(15 * MINUTE_MS)),
  /** Flat shipping per order with something physical in it, by currency: `{"USD": "499"}`. A currency that is not named ships free. */
  flatShipping: variable('ORDERS_FLAT_SHIPPING', shipping().default({ EUR: 499n, USD: 499n })),
  /** How long payments may leave a command unanswered before it is sent again. */
  answerDeadlineMs: variable('ORDERS_ANSWER_DEADLINE_MS', integer(100, DAY_MS).default(30_000)),
};

/** What orders is told beyond what every subgraph is. */
export type OrdersSettings = Omit<Config<typeof ordersConfig>, keyof CommonConfigShape>;
export type FlatShipping = Readonly<Partial<Record<CurrencyCode, bigint>>>;

function envelopeKeys() {
  const expected = `a JSON object of key ids with keys of ${KEY_BYTES} bytes as base64`;
  return jsonObject(expected).transform((keys, context): EnvelopeKeys => {
    const entries = Object.entries(keys);
    const current = entries.at(-1)?.[0];
    const isUsable = entries.every(([id, key]) => /^[A-Za-z0-9_-]{1,32}$/.test(id) && Buffer.from(key, 'base64').length === KEY_BYTES);
    if (current && isUsable) return { keys, current };
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}

function shipping() {
  const expected = 'a JSON object of currencies with minor units, such as {"USD": "499"}';
  return jsonObject(expected).transform((amounts, context): FlatShipping => {
    const entries = Object.entries(amounts);
    if (entries.every(([currency, minor]) => isCurrencyCode(currency) && /^\d{1,9}$/.test(minor))) {
      return Object.fromEntries(entries.map(([currency, minor]) => [currency, BigInt(minor)]));
    }
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}

function jsonObject(expected: string) {
  return z
    .string({ error: expected })
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: expected });
        return z.NEVER;
      }
    })
    .pipe(z.record(z.string(), z.string(), { error: expected }));
}
