import type { EventPayload } from '@tessera/schema/contract';
import { sql, type TestLedger } from './a-ledger.ts';

/** Types of events from which `balanceUpdated` is told. */
const MOVEMENTS = ['TransferPosted', 'HoldPlaced', 'HoldPosted', 'HoldVoided', 'HoldExpired'];

/** One event of one wallet: type, side, balance and available amount after it. */
export type WalletChange = readonly [type: string, side: 'debit' | 'credit', balance: string, available: string];

type Figures = { readonly id: string; readonly sequence: string; readonly balance: string; readonly available: string };
type Row = { readonly type: string; readonly payload: EventPayload<'TransferPosted'> };

/**
 * Does something and answers what was told of each of the wallets. Every step of a wallet's sequence must be told once, in order, and what was told
 * last must be how the wallet stands in the store.
 * @throws Error where that is not so
 */
export async function changesOf(ledger: TestLedger, walletIds: readonly string[], act: () => Promise<unknown>): Promise<WalletChange[][]> {
  const before = await figuresOf(ledger, walletIds);
  const [mark] = await sql<{ last: string }>(ledger, 'select coalesce(max(ordinal), 0) as last from outbox');
  await act();
  const after = await figuresOf(ledger, walletIds);
  const rows = await sql<Row>(
    ledger,
    'select type, payload from outbox_events where ordinal > $1 and type = any($2) order by ordinal, place',
    [mark?.last, MOVEMENTS],
  );
  return walletIds.map((walletId, at) => {
    const told = rows.flatMap(({ type, payload }) =>
      (['debit', 'credit'] as const)
        .filter((side) => payload[side].accountId === walletId)
        .map((side) => ({ type, side, ...payload[side] })),
    );
    const [first, last] = [Number(before[at]?.sequence), Number(after[at]?.sequence)];
    const expected = Array.from({ length: last - first }, (_, step) => first + step + 1);
    const sequences = told.map(({ sequence }) => sequence);
    if (String(sequences) !== String(expected)) throw new Error(`${walletId}: told were ${sequences}, the sequence went ${expected}`);
    const newest = told.at(-1);
    if (newest && (newest.balance.minor !== after[at]?.balance || newest.available.minor !== after[at]?.available))
      throw new Error(`${walletId}: told were ${newest.balance.minor} (${newest.available.minor}), it has ${JSON.stringify(after[at])}`);
    return told.map(({ type, side, balance, available }): WalletChange => [type, side, balance.minor, available.minor]);
  });
}

async function figuresOf(ledger: TestLedger, walletIds: readonly string[]): Promise<(Figures | undefined)[]> {
  const rows = await sql<Figures>(
    ledger,
    `select id, sequence, credits_posted - debits_posted as balance, credits_posted - debits_posted - debits_pending as available
     from accounts where id = any($1)`,
    [walletIds],
  );
  return walletIds.map((walletId) => rows.find(({ id }) => id === walletId));
}
