import { rawSql } from '@tessera/service-kit/persistence';
import { lockPayment } from '../payment/lock-payment.ts';
import type { Act } from '../services.ts';
import { startAttempt } from './start-attempt.ts';

const BATCH = 50;

/** Starts attempts whose wallet has become known, and ends those that waited in vain. Answers whether there may be more. */
export async function startWaitingAttempts(act: Act): Promise<boolean> {
  const rows = await rawSql<{ payment_id: string }>(
    act.em,
    `select p.id as payment_id from payment_attempts a join payments p on p.current_attempt_id = a.id
     where a.state = 'INIT' and (a.waits_until <= $1::timestamptz
       or exists (select from wallets w where w.id = a.wallet_id and w.owner_id = p.customer_id))
     order by a.created_at limit ${BATCH} for update of p skip locked`,
    [act.now.toISOString()],
  );
  for (const { payment_id } of rows) {
    const subject = await lockPayment(act, { id: payment_id });
    if (subject?.attempt.state === 'INIT') await startAttempt(subject, act);
  }
  return rows.length === BATCH;
}
