import type { Loader } from '@tessera/service-kit/graphql';
import { Money } from '@tessera/service-kit/graphql';
import { rawSql } from '@tessera/service-kit/persistence';
import { type LimitRow, stateOf } from '../engine/index.ts';
import type { LedgerServices } from '../services.ts';
import { WalletLimits, WalletLimitsChange } from './wallet-limits.type.ts';

const MAX_CHANGES = 50;

/** By `owner currency`; whoever asks has been allowed to see the wallet. */
export const limitsOfHolder: Loader<WalletLimits, LedgerServices> = {
  name: 'limitsOfHolder',
  batch: async (keys, { em, services }) => {
    const holders = keys.map((key) => key.split(' '));
    const rows = await rawSql<LimitRow & { readonly now_ms: string }>(
      em,
      `select h.owner_id, h.currency, l.per_transfer_minor, l.per_day_minor, coalesce(l.is_own, false) as is_own, coalesce(l.used_minor, 0) as used_minor,
         coalesce(l.used_on, date '1970-01-01')::text as used_on, floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms
       from unnest($1::text[], $2::text[]) as h (owner_id, currency) left join user_limits l using (owner_id, currency)`,
      [holders.map(([ownerId]) => ownerId), holders.map(([, currency]) => currency)],
    );
    return new Map(
      rows.map((row) => {
        const { owner_id: ownerId, currency } = row;
        const limits = new WalletLimits({
          ownerId,
          currency,
          state: stateOf(row, services.defaultLimits),
          now: new Date(Number(row.now_ms)),
        });
        return [`${ownerId} ${currency}`, limits];
      }),
    );
  },
};

/** The newest first, at most 50; by `owner currency`. */
export const limitChangesOfHolder: Loader<WalletLimitsChange[], LedgerServices> = {
  name: 'limitChangesOfHolder',
  batch: async (keys, { em }) => {
    const holders = keys.map((key) => key.split(' '));
    const rows = await rawSql<Record<string, string | null>>(
      em,
      `select h.owner_id, h.currency, c.per_transfer_minor, c.per_day_minor, c.reason, c.actor, c.changed_at
       from unnest($1::text[], $2::text[]) as h (owner_id, currency)
       cross join lateral (select * from user_limit_changes c where c.owner_id = h.owner_id and c.currency = h.currency order by c.id desc limit ${MAX_CHANGES}) c`,
      [holders.map(([ownerId]) => ownerId), holders.map(([, currency]) => currency)],
    );
    const changes = new Map(keys.map((key): [string, WalletLimitsChange[]] => [key, []]));
    for (const row of rows) changes.get(`${row.owner_id} ${row.currency}`)?.push(changeOf(row));
    return changes;
  },
};

function changeOf({
  currency,
  per_transfer_minor,
  per_day_minor,
  reason,
  actor,
  changed_at,
}: Record<string, string | null>): WalletLimitsChange {
  const money = (minor: string | null | undefined): Money | null => (minor ? new Money(currency ?? '', BigInt(minor)) : null);
  return Object.assign(new WalletLimitsChange(), {
    ...{ perTransfer: money(per_transfer_minor), perDay: money(per_day_minor), reason, actor },
    changedAt: new Date(String(changed_at)),
  });
}
