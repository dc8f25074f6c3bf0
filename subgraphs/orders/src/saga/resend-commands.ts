import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { rawSql } from '@tessera/service-kit/persistence';
import { commandId, MAX_ATTEMPTS, type StepName, waitMs } from './saga.ts';
import type { PaymentCommand } from './steps.ts';

const BATCH = 20;

type OverdueStep = {
  readonly order_id: string;
  readonly name: StepName;
  readonly attempts: number;
  readonly command: PaymentCommand;
};

/**
 * The completer: commands that payments left unanswered for too long go out once more; after the last attempt a person has to look.
 * Replicas share the work by SKIP LOCKED; the clock is the database's.
 */
export async function resendCommands({ em, publish }: UnitOfWork, answerDeadlineMs: number): Promise<boolean> {
  const overdue = await rawSql<OverdueStep>(
    em,
    `select order_id, name, attempts, command from saga_steps
     where state = 'WAITING' and next_attempt_at <= clock_timestamp() order by next_attempt_at limit ${BATCH} for update skip locked`,
  );
  for (const { order_id: orderId, name, attempts, command } of overdue) {
    if (attempts >= MAX_ATTEMPTS) {
      await giveUp(em, orderId, name);
      continue;
    }
    const attempt = attempts + 1;
    await rawSql(
      em,
      `update saga_steps set attempts = $3, next_attempt_at = clock_timestamp() + $4 * interval '1 millisecond' where order_id = $1 and name = $2`,
      [orderId, name, attempt, waitMs(attempt, answerDeadlineMs)],
    );
    publish({ ...command, aggregateId: command.payload.paymentId, id: commandId(orderId, name, attempt) });
  }
  return overdue.length === BATCH;
}

async function giveUp(em: UnitOfWork['em'], orderId: string, name: StepName): Promise<void> {
  await rawSql(
    em,
    `update saga_steps set state = 'NEEDS_ATTENTION', next_attempt_at = null, note = 'payments did not answer' where order_id = $1 and name = $2`,
    [orderId, name],
  );
}
