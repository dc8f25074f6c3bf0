import type { Fingerprint, Leg, PostRequest } from './request.ts';

/** What makes two requests the same fact, by path; what is empty is left out. Deadlines count; actor and trace do not. */
export function fingerprintOf({ legs, orderId, paymentId, fingerprint }: PostRequest): Fingerprint {
  if (fingerprint) return fingerprint;
  const fields: Record<string, string> = {};
  const add = (path: string, value: string | null | undefined): void => {
    if (value) fields[path] = value;
  };
  for (const [index, leg] of legs.entries()) {
    const paths = pathsOf(index);
    addLeg(leg, (name, value) => add(paths[name], value));
  }
  add('orderId', orderId);
  add('paymentId', paymentId);
  return fields;
}

/** Paths whose values differ, sorted. A path that is not there counts as empty: facts of long ago name empty paths too. */
export function differingFields(first: Fingerprint, second: Fingerprint): string[] {
  const paths = new Set([...Object.keys(first), ...Object.keys(second)]);
  return [...paths].filter((path) => (first[path] ?? '') !== (second[path] ?? '')).sort();
}

const NAMES = ['kind', 'holdId', 'minor', 'debit', 'credit', 'currency', 'code', 'debitOwnerId', 'expiresAt', 'note', 'reverses'] as const;
type Name = (typeof NAMES)[number];
type Paths = Readonly<Record<Name, string>>;
const known: Paths[] = [];

/** The paths of a leg's fields, put together once for every place that a leg can have. */
function pathsOf(index: number): Paths {
  known[index] ??= Object.fromEntries(NAMES.map((name) => [name, `legs.${index}.${name}`])) as Paths; // an entry for each name
  return known[index];
}

function addLeg(leg: Leg, add: (name: Name, value: string | null | undefined) => void): void {
  add('kind', leg.kind);
  if (leg.kind !== 'MOVE' && leg.kind !== 'HOLD') {
    add('holdId', leg.holdId);
    if (leg.kind === 'POST') add('minor', leg.amountMinor?.toString());
    return;
  }
  add('debit', leg.debit);
  add('credit', leg.credit);
  add('currency', leg.amount.currency);
  add('minor', leg.amount.minor.toString());
  add('code', leg.code);
  add('debitOwnerId', leg.debitOwnerId);
  if (leg.kind === 'HOLD') {
    add('expiresAt', leg.expiresAt.toISOString());
    return;
  }
  add('note', leg.note);
  add('reverses', leg.reverses);
}
