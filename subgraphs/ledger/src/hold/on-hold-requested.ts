import { ensure } from '@tessera/service-kit/errors';
import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { post } from '../engine/index.ts';
import { answerId, refuseReuse, requestOf } from './command.ts';
import { holdPlaced, holdRefused } from './hold-events.ts';

/** Sets money of a wallet aside until the deadline, if the wallet is the named owner's and has it; answers HoldPlaced or HoldRefused. */
export async function onHoldRequested(event: ReceivedEvent<'HoldRequested'>, { em, publish }: UnitOfWork): Promise<void> {
  const { walletId, ownerId, creditAccount, amount, deadline, code } = event.payload;
  const leg = {
    kind: 'HOLD',
    debit: walletId,
    debitOwnerId: ownerId,
    credit: creditAccount,
    amount: { currency: amount.currency, minor: BigInt(amount.minor) },
    code,
    expiresAt: new Date(deadline),
  } as const;
  const outcome = ensure((await post(em, [requestOf(event, [leg])]))[0], 'the outcome of the request');
  refuseReuse(outcome, event.payload.factKey);
  const answer =
    outcome.kind === 'POSTED' ? holdPlaced(ensure(outcome.transfers[0], 'the hold')) : holdRefused(event.payload, outcome.refusal.reason);
  publish({ ...answer, id: answerId(event.id, answer.type) });
}
