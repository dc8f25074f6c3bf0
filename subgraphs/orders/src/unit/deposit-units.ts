import { newId } from '@tessera/service-kit/ids';
import { rawSql } from '@tessera/service-kit/persistence';
import type { Act } from '../cause.ts';
import type { ActServices } from '../services.ts';
import { lockStock, moveStock } from '../stock/stock-journal.ts';
import { lineTitle, type VariantFacts } from '../variant/variant.ts';
import { sealSecret, secretDigest } from './unit-secret.ts';

export type DepositDecision = { readonly outcome: 'deposited' } | { readonly outcome: 'refused'; readonly knownIndexes: readonly number[] };

/** Seals the secrets, one row each, and raises the stock by as many. Nothing is written when one of them was deposited before. */
export async function depositUnits(
  act: Act,
  variant: VariantFacts,
  secrets: readonly string[],
  { envelope, digestKey }: Pick<ActServices, 'envelope' | 'digestKey'>,
  factKey?: string,
): Promise<DepositDecision> {
  await lockStock(act.em, [variant.id]);
  const units = secrets.map((secret) => ({ id: newId('unit'), secret, digest: secretDigest(digestKey, variant.id, secret) }));
  const known = await rawSql<{ secret_digest: string }>(
    act.em,
    'select secret_digest from units where variant_id = $1 and secret_digest = any($2::text[])',
    [variant.id, units.map(({ digest }) => digest)],
  );
  const knownDigests = new Set(known.map((row) => row.secret_digest));
  const knownIndexes = units.flatMap(({ digest }, index) => (knownDigests.has(digest) ? [index] : []));
  if (knownIndexes.length > 0) return { outcome: 'refused', knownIndexes };

  await rawSql(
    act.em,
    `insert into units (id, variant_id, product_id, description, sealed_secret, secret_digest, deposited_at)
     select id, $1, $2, $3, sealed, digest, $4 from unnest($5::text[], $6::text[], $7::text[]) as u (id, sealed, digest)`,
    [
      variant.id,
      variant.productId,
      lineTitle(variant),
      act.now,
      units.map(({ id }) => id),
      units.map(({ id, secret }) => sealSecret(envelope, id, secret)),
      units.map(({ digest }) => digest),
    ],
  );
  await moveStock(act, [{ variantId: variant.id, kind: 'DEPOSIT', onHand: units.length, reserved: 0, sold: 0, factKey }]);
  return { outcome: 'deposited' };
}
