import type { ProviderMovement } from '../provider/provider-adapter.ts';
import { type Interval, isWithin, type OwnObjectKind } from './books.ts';

/** All that the provider's book says of one kind of movement of one object. */
export interface ProviderFact {
  readonly kind: ProviderMovement['kind'];
  /** Null for money that belongs to no object of ours. */
  readonly object: OwnObjectKind | null;
  readonly providerId: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly isConverted: boolean;
  readonly isOfDay: boolean;
}

const OBJECT_OF: Readonly<Record<ProviderMovement['kind'], OwnObjectKind | null>> = {
  CHARGE: 'CHARGE',
  REFUND: 'REFUND',
  REFUND_FAILED: 'REFUND',
  DISPUTE: 'DISPUTE',
  DISPUTE_REVERSED: 'DISPUTE',
  FEE: null,
  PAYOUT: null,
  OTHER: null,
};

/** One fact per object and kind, in one sum per currency. Payouts only move what was earned to the bank: no fact of payments. */
export function providerFacts(movements: readonly ProviderMovement[], day: Interval): ProviderFact[] {
  const groups = Map.groupBy(
    movements.filter(({ kind }) => kind !== 'PAYOUT'),
    (movement) => `${keyOf(movement)}:${movement.currency}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    return {
      kind: first.kind,
      object: OBJECT_OF[first.kind],
      providerId: idOf(first),
      currency: first.currency,
      amountMinor: group.reduce((sofar, { amountMinor }) => sofar + amountMinor, 0n),
      feeMinor: group.reduce((sofar, { feeMinor }) => sofar + feeMinor, 0n),
      isConverted: group.every(({ isConverted }) => isConverted),
      isOfDay: group.some(({ createdAt }) => isWithin(day, createdAt)),
    };
  });
}

/** The keys `<kind>:<id>` of what the provider has. */
export function byKey(facts: readonly ProviderFact[]): ReadonlySet<string> {
  return new Set(facts.map(({ kind, providerId }) => `${kind}:${providerId}`));
}

function keyOf(movement: ProviderMovement): string {
  return `${movement.kind}:${idOf(movement)}`;
}

function idOf({ id, sourceId }: ProviderMovement): string {
  return sourceId ?? id;
}
