import { ensure } from '@tessera/service-kit/errors';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { Decision } from './evaluate.ts';
import type { Fingerprint } from './fingerprint.ts';
import { readTransfers } from './read-transfers.ts';
import type { PostRequest, Refusal, RefusalReason } from './request.ts';

/** What was decided under a key, however long ago. */
export interface KnownFact {
  readonly fingerprint: Fingerprint;
  readonly decision: Decision;
}

export function keyText({ scope, key }: Pick<PostRequest, 'scope' | 'key'>): string {
  return JSON.stringify([scope, key]);
}

/** The facts that are already decided, by `keyText`. */
export async function findKeys(
  em: EntityManager,
  requests: readonly Pick<PostRequest, 'scope' | 'key'>[],
): Promise<Map<string, KnownFact>> {
  const rows = await rawSql<KeyRow>(
    em,
    `select scope, key, fingerprint, refusal, transfer_ids from transfer_keys
     where (scope, key) in (select * from unnest($1::text[], $2::text[]))`,
    [requests.map(({ scope }) => scope), requests.map(({ key }) => key)],
  );
  const posted = rows.filter(({ refusal }) => refusal === null);
  const transfers = await readTransfers(
    em,
    posted.flatMap(({ transfer_ids }) => transfer_ids),
  );
  return new Map(rows.map((row) => [keyText(row), { fingerprint: row.fingerprint, decision: decisionOf(row, transfers) }]));
}

export async function findKey(em: EntityManager, scope: string, key: string): Promise<KnownFact | null> {
  return (await findKeys(em, [{ scope, key }])).get(keyText({ scope, key })) ?? null;
}

/** A refusal as JSON: the amount is text. */
export interface StoredRefusal {
  readonly reason: RefusalReason;
  readonly leg: number;
  readonly availableMinor: string | null;
}

export function storedRefusal({ reason, leg, availableMinor }: Refusal): StoredRefusal {
  return { reason, leg, availableMinor: availableMinor?.toString() ?? null };
}

type KeyRow = {
  readonly scope: string;
  readonly key: string;
  readonly fingerprint: Fingerprint;
  readonly refusal: StoredRefusal | null;
  readonly transfer_ids: readonly string[];
};

function decisionOf({ refusal, transfer_ids }: KeyRow, transfers: Awaited<ReturnType<typeof readTransfers>>): Decision {
  if (!refusal) return { kind: 'POSTED', transfers: transfer_ids.map((id) => ensure(transfers.get(id), `transfer ${id} of its key`)) };
  const availableMinor = refusal.availableMinor === null ? null : BigInt(refusal.availableMinor);
  return { kind: 'REFUSED', refusal: { reason: refusal.reason, leg: refusal.leg, availableMinor } };
}
