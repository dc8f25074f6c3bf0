import { hash } from 'node:crypto';
import { InvariantViolation } from '@tessera/service-kit/errors';
import type { PostRequest } from './request.ts';

const MAX_LEGS = 1_000;

/** One transaction's worth of requests, with what stays the same for each however often the transaction is tried. */
export interface Item {
  readonly request: PostRequest;
  readonly hash: string;
  /** Accounts that it names. */
  readonly names: readonly string[];
  readonly weight: number;
}

/** What it costs to decide and write it, in legs. */
export function weightOf({ legs }: PostRequest): number {
  return Math.max(1, legs.length);
}

export function itemOf(request: PostRequest): Item {
  if (request.legs.length > MAX_LEGS || (request.legs.length === 0 && !request.refusedFor))
    throw new InvariantViolation(`The engine takes requests of 1 to ${MAX_LEGS} legs.`);
  const texts = [request.scope, request.key, ...request.legs.map((leg) => (leg.kind === 'MOVE' ? (leg.note ?? '') : ''))];
  if (!texts.every(isStorable)) throw new InvariantViolation('The engine takes keys and notes that PostgreSQL stores as they are.');
  return { request, hash: keyHash(request), names: referencesOf(request), weight: weightOf(request) };
}

/** Half a surrogate pair would be stored as U+FFFD, and two keys could become one; NUL is no text for PostgreSQL. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** The place of a fact in the table of keys: 128 bits of a hash of scope and key, as 32 hexadecimal digits. */
export function keyHash({ scope, key }: Pick<PostRequest, 'scope' | 'key'>): string {
  return hash('sha256', `${scope}\0${key}`, 'hex').slice(0, 32);
}

/** Every account that the legs name, by id or by address. */
function referencesOf({ legs }: PostRequest): string[] {
  const references: string[] = [];
  for (const leg of legs) if (leg.kind === 'MOVE' || leg.kind === 'HOLD') references.push(leg.debit, leg.credit);
  return references;
}
