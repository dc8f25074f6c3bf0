import { newId } from '@tessera/service-kit/ids';
import { sql, type TestLedger } from './a-ledger.ts';

export interface PastLine {
  readonly at: string;
  /** Below zero where it goes out of the wallet. */
  readonly minor: bigint;
  readonly state?: 'POSTED' | 'PENDING';
  readonly note?: string | null;
  readonly code?: string;
}

/**
 * Writes movements of long ago between a wallet and an account of the platform, as the engine would have left them there; `from` is the place of
 * the first one. For reading only: keys and counters are not written.
 */
export async function pastOf(ledger: TestLedger, walletId: string, currency: string, lines: readonly PastLine[]): Promise<void> {
  const bankId = await aBank(ledger, currency);
  let balance = 0n;
  for (const [at, line] of lines.entries()) {
    const { minor, state = 'POSTED', note = null, code = 'TRANSFER' } = line;
    if (state === 'POSTED') balance += minor;
    const isOut = minor < 0n;
    const [debit, credit, debitAfter, creditAfter] = isOut ? [walletId, bankId, balance, 0n] : [bankId, walletId, 0n, balance];
    const amount = String(isOut ? -minor : minor);
    const facts = [newId('transfer'), debit, credit, amount, currency, state, code, note, at + 1, String(debitAfter), String(creditAfter)];
    await sql(ledger, `${INSERT} values ${ONE_LINE}`, [...facts, state === 'PENDING' ? line.at : null, line.at]);
  }
}

/** Adds 1, 2, 3 … minor units to the wallet, 700 in each second from an instant on. */
export async function manyOf(ledger: TestLedger, walletId: string, count: number, from: string, note: string | null = null): Promise<void> {
  const bankId = await aBank(ledger, 'USD');
  await sql(
    ledger,
    `${INSERT} select 'trf_' || $1 || n, 'past', $2, $1, n, 'USD', 'POSTED', 'TRANSFER', $5, n, n, 0, n * (n + 1) / 2, 0, 0, null,
       $4::timestamptz + n / 700 * interval '1 second', 'test' from generate_series(1, $3::bigint) n`,
    [walletId, bankId, count, from, note],
  );
}

const INSERT = `insert into transfers (id, fact_key, debit_account_id, credit_account_id, amount_minor, currency, state, code, note, debit_sequence,
  credit_sequence, debit_balance_after, credit_balance_after, debit_available_after, credit_available_after, expires_at, created_at, actor)`;
const ONE_LINE = `($1, 'past', $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $10, $11, $12::timestamptz, $13::timestamptz, 'test')`;

/** One of its own for each past, so that sequences do not meet. */
async function aBank(ledger: TestLedger, currency: string): Promise<string> {
  const id = newId('account');
  const text = `insert into accounts (id, address, kind, currency, normal_side, opened_at) values ($1, 'test:' || $1, 'BANK', $2, 'DEBIT', now())`;
  await sql(ledger, text, [id, currency]);
  return id;
}
