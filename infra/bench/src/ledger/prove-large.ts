import type { Engine } from '@tessera/ledger';
import type { Bar } from '../bars.ts';
import { withClient } from './books.ts';
import type { History } from './history.ts';
import { throughEngine } from './rounds.ts';
import { openProver, type Proof } from './verify-run.ts';

const CALLERS = 8_000;
/** Of the memory that node takes, against that for a hundredth of the transfers. */
const MAX_GROWTH = 1.25;

export interface OpenLedger {
  readonly databaseUrl: string;
  readonly history: History;
  readonly engine: Engine;
}

interface Measured extends Proof {
  readonly transfers: number;
}

/** Everything in both ledgers, and what came since in the large one. */
export interface Proofs {
  readonly small: Measured;
  readonly large: Measured;
  readonly since: Measured;
}

export async function proveBoth(adminUrl: string, small: OpenLedger, large: OpenLedger, seconds: number): Promise<Proofs> {
  const ofSmall = await openProver(adminUrl, small.databaseUrl);
  const ofLarge = await openProver(adminUrl, large.databaseUrl);
  try {
    const everything = {
      small: { ...(await ofSmall.full()), transfers: await countOf(small) },
      large: { ...(await ofLarge.full()), transfers: await countOf(large) },
    };
    const { items } = await throughEngine(large.engine, large.history.wallets, CALLERS, seconds);
    return { ...everything, since: { ...(await ofLarge.incremental()), transfers: items } };
  } finally {
    ofSmall.close();
    ofLarge.close();
  }
}

async function countOf({ databaseUrl }: OpenLedger): Promise<number> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ total: string }>('select sum(transfer_count)::text as total from ledger_batches'),
  );
  return Number(rows[0]?.total);
}

export function barsOfProofs({ small, large, since }: Proofs): Bar[] {
  const ratio = large.peakMegabytes / small.peakMegabytes;
  const memory = { id: 'V1m', what: 'memory of node for that, MB', value: large.peakMegabytes, peer: small.peakMegabytes, ratio };
  return [
    took('V1', 'npm run verify -- --full', large),
    { ...memory, bar: `≤ ${MAX_GROWTH} ×`, holds: ratio <= MAX_GROWTH, rounds: [] },
    took('V2', 'npm run verify -- --checkpoint, on what came since', since),
  ];
}

function took(id: string, what: string, { seconds, transfers, slowest, wrong }: Measured): Bar {
  const rate = `${Math.round(transfers / seconds).toLocaleString('en')} a second`;
  const text = `${what}, s: ${transfers.toLocaleString('en')} transfers, ${rate}; longest ${slowest.join(', ')}`;
  return { id, what: text, value: seconds, peer: null, ratio: null, bar: 'nothing is wrong', holds: wrong.length === 0, rounds: [] };
}
