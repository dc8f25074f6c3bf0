import type { EventPayload } from '@tessera/schema/contract';
import { unreachable } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import type { LockedPayment } from '../payment/lock-payment.ts';
import { alarmOnce, bounded, factsOf, record } from '../payment/record.ts';
import type { DisputeReport } from '../provider/provider-adapter.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import type { Act } from '../services.ts';
import { DisputeEntity } from './dispute.entity.ts';
import { type DisputeFact, type DisputeState, decideDispute, fittingMinor } from './dispute.ts';
import { type BookedDispute, beyondPayment, postFee, postLost, postOpened, postWon, readBooked } from './post-dispute.ts';

/** Why a payment needs attention. */
const BEYOND_CAPTURED = 'DISPUTE_BEYOND_CAPTURED';
const CONTRADICTION = 'DISPUTE_CONTRADICTION';
const CURRENCY_MISMATCH = 'DISPUTE_CURRENCY_MISMATCH';

export interface ReportedDispute {
  readonly provider: ProviderName;
  readonly report: DisputeReport & { readonly state: DisputeState };
  /** Of the charge that is disputed; need not be the current one. */
  readonly attemptId: string;
}

/** Brings the books up to what the provider says of a dispute. The caller holds the payment's lock. Told again, it has no second effect. */
export async function applyDispute(subject: LockedPayment, reported: ReportedDispute, act: Act): Promise<void> {
  const { payment } = subject;
  const { provider, report } = reported;
  if (report.amount.currency !== payment.currency) return alarmOnce(payment, CURRENCY_MISMATCH, act);
  const known = await act.em.findOne(DisputeEntity, { provider, providerDisputeId: report.providerDisputeId });
  const { facts, isContradiction } = decideDispute(known?.state ?? null, report.state);
  if (isContradiction) await alarmOnce(payment, CONTRADICTION, act);
  const booked = known ? await readBooked(payment, known, act) : open(subject, reported, act);
  booked.dispute.evidenceDueAt = report.evidenceDueAt;
  for (const fact of facts) await applyFact(booked, fact, act);
  await noteFee(booked, report, act);
}

function open({ payment, attempt }: LockedPayment, { provider, report, attemptId }: ReportedDispute, { em }: Act): BookedDispute {
  const { minor: takenMinor } = report.amount;
  // An earlier attempt gave the payment nothing, so nothing of it can be taken from there.
  const fitsMinor = attemptId === attempt.id ? fittingMinor(payment, takenMinor) : 0n;
  const dispute = em.create(DisputeEntity, {
    id: newId('dispute'),
    paymentId: payment.id,
    provider,
    providerDisputeId: report.providerDisputeId,
    amountMinor: takenMinor,
    feeMinor: 0n,
    feeCurrency: null,
    reason: bounded(report.reason),
    state: 'OPEN',
    split: beyondPayment(payment, takenMinor - fitsMinor),
    evidenceDueAt: report.evidenceDueAt,
    openedAt: report.openedAt,
    closedAt: null,
  });
  em.persist(dispute);
  return { payment, dispute, takenMinor, fitsMinor };
}

async function applyFact(booked: BookedDispute, fact: DisputeFact, act: Act): Promise<void> {
  const { payment, dispute, takenMinor, fitsMinor } = booked;
  switch (fact) {
    case 'OPENED':
      record(payment, { kind: 'DISPUTE_OPENED', amountMinor: fitsMinor, reason: dispute.reason }, act);
      if (fitsMinor < takenMinor) await alarmOnce(payment, BEYOND_CAPTURED, act);
      postOpened(booked, act);
      // A top-up concerns nobody else.
      if (payment.orderId) act.publish({ type: 'DisputeOpened', aggregateId: payment.id, payload: disputeFacts(booked) });
      return;
    case 'WON':
      record(payment, { kind: 'DISPUTE_WON', amountMinor: fitsMinor, reason: dispute.reason }, act);
      postWon(booked, act);
      return close(booked, 'WON', act);
    case 'LOST':
      // What fits counts as disputed since it was opened, and stays so.
      record(payment, { kind: 'DISPUTE_LOST', reason: dispute.reason }, act);
      await postLost(booked, act);
      return close(booked, 'LOST', act);
    default:
      return unreachable(fact);
  }
}

/** What the provider charges in all. It may tell it later than that there is a dispute, charge once more for an answer, and give it back. */
async function noteFee({ payment, dispute }: BookedDispute, { fee }: DisputeReport, act: Act): Promise<void> {
  if (!fee || fee.minor < 0n || fee.minor === dispute.feeMinor) return;
  if (dispute.feeMinor === 0n) dispute.feeCurrency = fee.currency === payment.currency ? null : fee.currency;
  if (fee.currency !== (dispute.feeCurrency ?? payment.currency)) return; // told in one currency, then in another: a difference
  const changeMinor = fee.minor - dispute.feeMinor;
  dispute.feeMinor = fee.minor;
  await postFee(payment, dispute, changeMinor, act);
}

function close(booked: BookedDispute, outcome: 'WON' | 'LOST', act: Act): void {
  const { payment, dispute } = booked;
  dispute.state = outcome;
  dispute.closedAt = act.now;
  if (payment.orderId) act.publish({ type: 'DisputeClosed', aggregateId: payment.id, payload: { ...disputeFacts(booked), outcome } });
}

function disputeFacts({ payment, dispute }: BookedDispute): EventPayload<'DisputeOpened'> {
  const disputed = { currency: payment.currency, minor: dispute.amountMinor.toString() };
  return { ...factsOf(payment, dispute.reason), disputeId: dispute.id, disputed };
}
