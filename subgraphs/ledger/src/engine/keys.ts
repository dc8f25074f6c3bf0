import { ensure } from '@tessera/service-kit/errors';
import type { EntityManager } from '@tessera/service-kit/persistence';
import type { Decision } from './evaluate.ts';
import { keyHash } from './item.ts';
import type { ExceededLimit } from './limit.ts';
import { readTransfers } from './read-transfers.ts';
import type { Fingerprint, PostRequest, Refusal, RefusalReason, RefusedSide } from './request.ts';
import { type Sql, sqlOf } from './sql.ts';
import { STATEMENTS } from './statements.ts';

export type FactKey = Pick<PostRequest, 'scope' | 'key'>;

/** What was decided under a key, however long ago. */
export interface KnownFact {
  readonly fingerprint: Fingerprint;
  readonly decision: Decision;
  /** By which commit; null for what is only about to be committed, and for facts of long ago. */
  readonly batchId: string | null;
}

/** The facts that are already decided, by `keyHash`. */
export async function findKeys(sql: Sql, hashes: readonly string[]): Promise<Map<string, KnownFact>> {
  const rows = await sql.query<KeyRow>(STATEMENTS.keys, [`{${hashes.join(',')}}`]);
  if (rows.length === 0) return new Map();
  const posted = rows.filter(({ refusal }) => refusal === null);
  const transfers = await readTransfers(
    sql,
    posted.flatMap(({ transfer_ids }) => transfer_ids),
  );
  return new Map(
    rows.map((row) => [keyHash(row), { fingerprint: row.fingerprint, decision: decisionOf(row, transfers), batchId: row.batch_id }]),
  );
}

export async function findKey(em: EntityManager, scope: string, key: string): Promise<KnownFact | null> {
  const place = keyHash({ scope, key });
  return (await findKeys(sqlOf(em), [place])).get(place) ?? null;
}

/** Which of the facts were decided before, posted or refused. */
export async function areDecided(em: EntityManager, facts: readonly FactKey[]): Promise<boolean[]> {
  const places = facts.map(keyHash);
  const rows = await sqlOf(em).query<{ place: string }>(STATEMENTS.decidedKeys, [places]);
  const decided = new Set(rows.map(({ place }) => place));
  return places.map((place) => decided.has(place));
}

/** A refusal as JSON: the amount is text. */
export interface StoredRefusal {
  readonly reason: RefusalReason;
  readonly leg: number;
  readonly availableMinor: string | null;
  /** Not there in facts of long ago. */
  readonly side?: RefusedSide | null;
  readonly limit?: { readonly kind: ExceededLimit['kind']; readonly minor: string; readonly resetsAt: string | null };
}

export function storedRefusal({ reason, leg, availableMinor, side, limit }: Refusal): StoredRefusal {
  return {
    ...{ reason, leg, availableMinor: availableMinor?.toString() ?? null, side },
    ...(limit ? { limit: { kind: limit.kind, minor: limit.minor.toString(), resetsAt: limit.resetsAt?.toISOString() ?? null } } : {}),
  };
}

type KeyRow = {
  readonly scope: string;
  readonly key: string;
  readonly fingerprint: Fingerprint;
  readonly refusal: StoredRefusal | null;
  readonly transfer_ids: readonly string[];
  readonly batch_id: string | null;
};

function decisionOf({ refusal, transfer_ids }: KeyRow, transfers: Awaited<ReturnType<typeof readTransfers>>): Decision {
  if (!refusal) return { kind: 'POSTED', transfers: transfer_ids.map((id) => ensure(transfers.get(id), `transfer ${id} of its key`)) };
  const { reason, leg, side = null, limit } = refusal;
  return {
    kind: 'REFUSED',
    refusal: {
      ...{ reason, leg, side, availableMinor: refusal.availableMinor === null ? null : BigInt(refusal.availableMinor) },
      ...(limit
        ? { limit: { kind: limit.kind, minor: BigInt(limit.minor), resetsAt: limit.resetsAt ? new Date(limit.resetsAt) : null } }
        : {}),
    },
  };
}
