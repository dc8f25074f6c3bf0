import { ensure } from '@tessera/service-kit/errors';
import type Stripe from 'stripe';
import type { DisputeReport, ProviderAmount } from '../provider-adapter.ts';
import { feeFromStripe, fromStripe } from './amounts.ts';
import { idOf } from './attempt-report.ts';
import { ask } from './errors.ts';

/** The bank only asks, or was answered before it took anything. */
const INQUIRIES = new Set<string>(['warning_needs_response', 'warning_under_review', 'warning_closed', 'prevented']);

export async function readDispute(stripe: Stripe, providerDisputeId: string): Promise<DisputeReport> {
  const dispute = await ask(() => stripe.disputes.retrieve(providerDisputeId));
  const dueAt = dispute.evidence_details.due_by;
  return {
    providerDisputeId: dispute.id,
    intentId: idOf(dispute.payment_intent),
    chargeId: ensure(idOf(dispute.charge), 'the charge of the dispute'),
    state: disputeStateOf(dispute.status),
    amount: fromStripe(dispute),
    fee: feeOf(dispute),
    reason: dispute.reason.toUpperCase(),
    evidenceDueAt: dueAt === null ? null : instantOf(dueAt),
    openedAt: instantOf(dispute.created),
  };
}

export function disputeStateOf(status: Stripe.Dispute.Status): DisputeReport['state'] {
  if (INQUIRIES.has(status)) return 'INQUIRY';
  if (status === 'won') return 'WON';
  return status === 'lost' ? 'LOST' : 'OPEN';
}

/** What all bookings of the dispute took beside its amount; null before the first. */
function feeOf({ balance_transactions: bookings }: Stripe.Dispute): ProviderAmount | null {
  const [first] = bookings;
  if (!first) return null;
  const details = bookings.flatMap(({ fee_details }) => fee_details);
  return feeFromStripe({ amount: details.reduce((total, { amount }) => total + amount, 0), currency: first.currency });
}

function instantOf(seconds: number): Date {
  return new Date(seconds * 1_000);
}
