import { type EntityManager, type Prepared, rawSql } from '@tessera/service-kit/persistence';
import type { Logger, Metrics } from '@tessera/service-kit/service';
import type { BalanceGuard, NormalSide } from '../engine/index.ts';
import type { Reads } from '../reading/reads.ts';
import type { WalletFacts } from '../wallet/wallet.type.ts';
import { createHintStore, type HintStore, type Looked } from './hint-store.ts';
import { createHintSwitch, type HintSwitch } from './hint-switch.ts';
import { createHintValues } from './hint-value.ts';

/** How old a balance may be that nothing was done to; what was done is never missing. */
const LIFETIME_MS = 1_000;
/** After Redis failed, readers leave it alone for so long. */
const REST_MS = 1_000;
/** Wallets are found by their prefix; other accounts have no hints. */
const WALLET_PREFIX = 'wal_';

export interface BalanceHints extends BalanceGuard {
  /** Wallets by id, from Redis where it knows them, else from the database. */
  read(ids: readonly string[]): Promise<Map<string, WalletFacts>>;
  close(): Promise<void>;
}

export interface BalanceHintsOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly redisKeyPrefix: string;
  readonly secret: string;
  readonly reads: Reads;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * Copies of wallets in Redis, for whoever asks for a balance again and again. A copy never outlives a commit that it does not show: the
 * transaction puts a barrier in its place before it commits, and while Redis cannot be told, nobody keeps copies. See decision 16.
 */
export function createBalanceHints({
  databaseUrl,
  redisUrl,
  redisKeyPrefix,
  secret,
  reads,
  log,
  metrics,
}: BalanceHintsOptions): BalanceHints {
  const asked = metrics.counter({
    name: 'ledger_balance_hints_total',
    help: 'Wallets that were looked up by what Redis had to say: hit, miss, or unavailable',
    labelNames: ['outcome'],
  });
  for (const outcome of ['hit', 'miss', 'unavailable']) asked.inc({ outcome }, 0);
  const store = createHintStore(redisUrl, redisKeyPrefix, LIFETIME_MS, log);
  const values = createHintValues(secret, LIFETIME_MS);
  const hintSwitch = createHintSwitch(databaseUrl, LIFETIME_MS);
  let restUntilMs = 0;

  const look = async (ids: readonly string[]): Promise<Looked> => {
    if (performance.now() < restUntilMs) return NOTHING;
    try {
      return await store.look(ids);
    } catch {
      restUntilMs = performance.now() + REST_MS;
      return NOTHING;
    }
  };
  return {
    read: async (ids) => {
      const looked = await look(ids);
      const found = new Map<string, WalletFacts>();
      for (const [id, text] of looked.values) {
        const facts = values.open(text, id, Date.now());
        if (facts) found.set(id, facts);
      }
      const missing = ids.filter((id) => !found.has(id));
      asked.inc({ outcome: 'hit' }, found.size);
      asked.inc({ outcome: looked === NOTHING ? 'unavailable' : 'miss' }, missing.length);
      if (missing.length === 0) return found;
      const { facts, isOff } = await reads.run((em) => readWallets(em, missing));
      for (const each of facts) found.set(each.id, each);
      if (!isOff) void looked.fill(new Map(facts.map((each) => [each.id, values.seal(each, Date.now())]))).catch(() => undefined);
      return found;
    },
    before: (accountIds) => raiseBarrier(accountIds, store, hintSwitch, log),
    close: async () => {
      store.close();
      await hintSwitch.close();
    },
  };
}

const NOTHING: Looked = { values: new Map(), fill: async () => undefined };

async function raiseBarrier(accountIds: readonly string[], store: HintStore, hintSwitch: HintSwitch, log: Logger): Promise<() => void> {
  const wallets = accountIds.filter((id) => id.startsWith(WALLET_PREFIX));
  if (wallets.length === 0) return () => undefined;
  hintSwitch.prepare();
  if (hintSwitch.isOff()) return () => undefined;
  try {
    const lower = await store.raise(wallets);
    return () => void lower().catch(() => undefined); // it falls by itself
  } catch (error) {
    log.warn({ err: error }, 'Redis cannot be told of commits: balances are read from the database alone for a while');
    await hintSwitch.turnOff();
    return () => undefined;
  }
}

/** The switch is read after the places were kept, in the same snapshot as the wallets. */
const WALLETS: Prepared = {
  name: 'balance_hint_wallets',
  text: `
  select a.id, a.owner_id, a.currency, a.normal_side, a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending, a.is_closed,
    s.off_until > clock_timestamp() as is_off
  from accounts a cross join balance_hint_switch s where a.id = any($1::text[]) and a.kind = 'WALLET'`,
};

type WalletRow = Readonly<
  Record<'id' | 'currency' | 'normal_side' | 'debits_posted' | 'credits_posted' | 'debits_pending' | 'credits_pending', string>
> & { readonly owner_id: string | null; readonly is_closed: boolean; readonly is_off: boolean };

async function readWallets(em: EntityManager, ids: readonly string[]) {
  const rows = await rawSql<WalletRow>(em, WALLETS, [ids]);
  const facts = rows.map(
    (row): WalletFacts => ({
      ...{ id: row.id, ownerId: row.owner_id, currency: row.currency, isClosed: row.is_closed },
      normalSide: row.normal_side as NormalSide, // held by a check of the table
      debitsPosted: BigInt(row.debits_posted),
      creditsPosted: BigInt(row.credits_posted),
      debitsPending: BigInt(row.debits_pending),
      creditsPending: BigInt(row.credits_pending),
    }),
  );
  return { facts, isOff: rows.some(({ is_off }) => is_off) };
}
