import { rawSql } from '@tessera/service-kit/persistence';
import { lockPayment } from '../payment/lock-payment.ts';
import { alarm } from '../payment/record.ts';
import type { Act } from '../services.ts';
import { LedgerCommandEntity } from './ledger-command.entity.ts';
import { publishCommand } from './send-command.ts';

/** Why a payment needs attention whose command was sent as often as is sensible. A late answer still counts, and ends this. */
export const LEDGER_SILENT = 'LEDGER_SILENT';
const BATCH = 50;

/** Sends again what the ledger has not answered in time, and after the last time asks for a person. Answers whether there may be more. */
export async function completeCommands(act: Act): Promise<boolean> {
  const rows = await rawSql<{ fact_key: string }>(
    act.em,
    `select c.fact_key from ledger_commands c join payments p on p.id = c.payment_id
     where c.due_at <= $1::timestamptz order by c.due_at limit ${BATCH} for update of p skip locked`,
    [act.now.toISOString()],
  );
  // Read again under the lock: an answer may have come in between.
  const due = await act.em.find(LedgerCommandEntity, { factKey: { $in: rows.map((row) => row.fact_key) }, dueAt: { $lte: act.now } });
  for (const command of due) {
    if (command.sends < act.settings.maxSends) publishCommand(command, act);
    else await giveUp(command, act);
  }
  return rows.length === BATCH;
}

async function giveUp(command: LedgerCommandEntity, act: Act): Promise<void> {
  command.dueAt = null;
  const subject = await lockPayment(act, { id: command.paymentId });
  if (!subject) return;
  const { payment, attempt } = subject;
  if (command.attemptId === attempt.id && attempt.state === 'PENDING') {
    attempt.state = 'UNKNOWN';
    attempt.updatedAt = act.now;
  }
  alarm(payment, LEDGER_SILENT, act);
}
