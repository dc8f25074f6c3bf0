import type { Leg, PostRequest } from './request.ts';

/** What makes two requests the same fact, by path. Deadlines count; actor and trace do not. */
export type Fingerprint = Readonly<Record<string, string>>;

export function fingerprintOf({ legs, orderId, paymentId }: PostRequest): Fingerprint {
  const fields = legs.flatMap((leg, index) =>
    Object.entries(legFields(leg)).map(([name, value]) => [`legs.${index}.${name}`, value] as const),
  );
  return Object.fromEntries([...fields, ['orderId', orderId ?? ''], ['paymentId', paymentId ?? '']]);
}

/** Paths whose values differ, sorted. */
export function differingFields(first: Fingerprint, second: Fingerprint): string[] {
  const paths = new Set([...Object.keys(first), ...Object.keys(second)]);
  return [...paths].filter((path) => first[path] !== second[path]).sort();
}

function legFields(leg: Leg): Record<string, string> {
  if (leg.kind !== 'MOVE' && leg.kind !== 'HOLD') return { kind: leg.kind, holdId: leg.holdId };
  const movement = {
    kind: leg.kind,
    debit: leg.debit,
    credit: leg.credit,
    currency: leg.amount.currency,
    minor: leg.amount.minor.toString(),
    code: leg.code,
    debitOwnerId: leg.debitOwnerId ?? '',
  };
  return leg.kind === 'HOLD'
    ? { ...movement, expiresAt: leg.expiresAt.toISOString() }
    : { ...movement, note: leg.note ?? '', reverses: leg.reverses ?? '' };
}
