import type { CurrencyCode } from '@tessera/schema/contract';
import { newId } from '@tessera/service-kit/ids';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { type QuoteLine, type QuoteTotals, totals } from './quote.ts';

export interface Quote extends QuoteTotals {
  readonly id: string;
  readonly cartId: string;
  readonly currency: CurrencyCode;
  readonly lines: readonly QuoteLine[];
  readonly expiresAt: Date;
}

export interface NewQuote {
  readonly cartId: string;
  readonly currency: CurrencyCode;
  readonly lines: readonly QuoteLine[];
  readonly shippingMinor: bigint;
  readonly taxMinor: bigint;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Discounts come with codes; there are none yet. */
const NO_DISCOUNT = 0n;

export async function storeQuote(em: EntityManager, quote: NewQuote): Promise<string> {
  const id = newId('quote');
  await rawSql(
    em,
    `insert into checkout_quotes (id, cart_id, currency, lines, shipping_minor, tax_minor, discount_minor, created_at, expires_at)
     values ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9)`,
    [
      id,
      quote.cartId,
      quote.currency,
      JSON.stringify(quote.lines.map((line) => ({ ...line, unitMinor: line.unitMinor.toString() }))),
      quote.shippingMinor,
      quote.taxMinor,
      NO_DISCOUNT,
      quote.createdAt,
      quote.expiresAt,
    ],
  );
  return id;
}

type StoredQuote = {
  readonly id: string;
  readonly cart_id: string;
  readonly currency: CurrencyCode;
  readonly lines: readonly (Omit<QuoteLine, 'unitMinor'> & { readonly unitMinor: string })[];
  readonly shipping_minor: string;
  readonly tax_minor: string;
  readonly discount_minor: string;
  readonly expires_at: string;
};

export async function findQuote(em: EntityManager, quoteId: string): Promise<Quote | null> {
  const [row] = await rawSql<StoredQuote>(
    em,
    'select id, cart_id, currency, lines, shipping_minor, tax_minor, discount_minor, expires_at from checkout_quotes where id = $1',
    [quoteId],
  );
  if (!row) return null;
  const lines = row.lines.map((line) => ({ ...line, unitMinor: BigInt(line.unitMinor) }));
  const extras = { discountMinor: BigInt(row.discount_minor), shippingMinor: BigInt(row.shipping_minor), taxMinor: BigInt(row.tax_minor) };
  return { id: row.id, cartId: row.cart_id, currency: row.currency, lines, expiresAt: new Date(row.expires_at), ...totals(lines, extras) };
}

/** Whether an order was made of it. */
export async function isUsed(em: EntityManager, quoteId: string): Promise<boolean> {
  return (await rawSql(em, 'select id from orders where quote_id = $1', [quoteId])).length > 0;
}
