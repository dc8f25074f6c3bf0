import { rawSql } from '@tessera/service-kit/persistence';
import { lockPayment } from '../payment/lock-payment.ts';
import { settle } from '../payment/settle.ts';
import type { Act } from '../services.ts';

const BATCH = 50;

/** Closes top-ups that nobody paid in time, as the end of an order closes its payment. Answers whether there may be more. */
export async function endTopUps(act: Act): Promise<boolean> {
  const rows = await rawSql<{ id: string }>(
    act.em,
    `select id from payments where top_up_wallet_id is not null and state in ('PENDING', 'REQUIRES_ACTION', 'FAILED') and wish = 'NONE'
       and deadline <= $1::timestamptz order by deadline limit ${BATCH} for update skip locked`,
    [act.now.toISOString()],
  );
  for (const { id } of rows) {
    const subject = await lockPayment(act, { id });
    if (subject) await settle(subject, { kind: 'VOID_WANTED', reason: 'TOP_UP_EXPIRED' }, act);
  }
  return rows.length === BATCH;
}
