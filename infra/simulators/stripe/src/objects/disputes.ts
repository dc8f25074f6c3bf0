import { type Account, nowSeconds } from '../account/account.ts';
import { refused } from '../api/errors.ts';
import { listPage, listParameters } from '../api/lists.ts';
import { flag, ignored, mergeMetadata, metadata, nested, text } from '../api/parameters.ts';
import { endpoint } from '../api/routes.ts';
import { disputeFee, format } from '../money/currencies.ts';
import { emit } from '../webhooks/events.ts';
import { moveBalance } from './balance.ts';
import { EVIDENCE_FIELDS, type EvidenceField, NO_EVIDENCE } from './dispute-evidence.ts';
import type { Charge, Dispute } from './money-types.ts';
import { expectRecord, patch, previousAttributes } from './records.ts';

const PATH = '/v1/disputes';
const DAY_SECONDS = 86_400;
const RESPONSE_SECONDS = 9 * DAY_SECONDS;

export interface NewDispute {
  /** Minor units; what is not refunded when left out. */
  readonly amount?: number;
  readonly reason?: string;
}

/** The customer went to the bank: amount and fee are withdrawn. @throws ApiError 400 when there is nothing to dispute */
export function openDispute(account: Account, charge: Charge, { amount, reason = 'fraudulent' }: NewDispute): Dispute {
  const disputable = charge.amount_captured - charge.amount_refunded;
  const disputed = amount ?? disputable;
  if (charge.status !== 'succeeded' || !charge.captured) throw refused(`Charge ${charge.id} is not paid, so it cannot be disputed.`);
  if (charge.disputed) throw refused(`Charge ${charge.id} is disputed already.`);
  if (!Number.isSafeInteger(disputed) || disputed < 1 || disputed > disputable) {
    throw refused(`Dispute amount is not between 1 and what is left of the charge (${format(disputable, charge.currency)}).`, {
      param: 'amount',
    });
  }
  const id = account.ids.next('du');
  const withdrawal = moveBalance(account, {
    amount: -disputed,
    currency: charge.currency,
    fee: disputeFee(charge.currency),
    feeDescription: 'Dispute fee',
    type: 'adjustment',
    category: 'dispute',
    source: id,
    description: `Chargeback withdrawal for ${charge.id}`,
  });
  const created = nowSeconds(account);
  const dispute = account.store.put('dispute', {
    ...{ enhanced_eligibility_types: [], intended_submission_method: null, livemode: false, network_reason_code: '10.4' },
    ...{
      payment_method_details: {
        type: 'card',
        card: { brand: charge.payment_method_details.card.brand, case_type: 'chargeback', network_reason_code: '10.4' },
      },
    },
    id,
    object: 'dispute',
    amount: disputed,
    balance_transactions: [withdrawal],
    charge: charge.id,
    created,
    currency: charge.currency,
    evidence: NO_EVIDENCE,
    evidence_details: {
      ...{ enhanced_eligibility: {}, submission_method: null },
      due_by: created + RESPONSE_SECONDS,
      has_evidence: false,
      past_due: false,
      submission_count: 0,
    },
    is_charge_refundable: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason,
    status: 'needs_response',
  });
  const marked = patch(account, 'charge', charge, { disputed: true });
  emit(account, 'charge.dispute.created', dispute);
  emit(account, 'charge.updated', marked, previousAttributes(charge, marked));
  emit(account, 'charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

/** The bank decided. Won: the amount comes back, the fee does not. @throws ApiError 400 when it is closed already */
export function closeDispute(account: Account, dispute: Dispute, outcome: 'won' | 'lost'): Dispute {
  if (dispute.status === 'won' || dispute.status === 'lost') throw refused('This dispute is already closed');
  const returned =
    outcome === 'lost'
      ? []
      : [
          moveBalance(account, {
            amount: dispute.amount,
            currency: dispute.currency,
            fee: 0,
            type: 'adjustment',
            category: 'dispute_reversal',
            source: dispute.id,
            description: `Chargeback reversal for ${dispute.charge}`,
          }),
        ];
  const closed = patch(account, 'dispute', dispute, {
    status: outcome,
    balance_transactions: [...dispute.balance_transactions, ...returned],
    is_charge_refundable: outcome === 'won',
  });
  emit(account, 'charge.dispute.closed', closed, previousAttributes(dispute, closed));
  if (outcome === 'won') emit(account, 'charge.dispute.funds_reinstated', closed);
  return closed;
}

const evidence = nested({
  ...(Object.fromEntries(EVIDENCE_FIELDS.map((field) => [field, text(150_000)])) as Record<EvidenceField, ReturnType<typeof text>>), // one per field
  enhanced_evidence: ignored(),
  appeal: ignored(),
});

export const disputeEndpoints = [
  endpoint('GET', PATH, { ...listParameters, charge: text(), payment_intent: text() }, (account, parameters) =>
    listPage(
      account,
      'dispute',
      PATH,
      parameters,
      ({ charge, payment_intent }) =>
        [undefined, charge].includes(parameters.charge) && [undefined, payment_intent].includes(parameters.payment_intent),
    ),
  ),
  endpoint('GET', `${PATH}/:id`, {}, (account, _, id) => expectRecord(account, 'dispute', id)),
  endpoint('POST', `${PATH}/:id`, { evidence, submit: flag(), metadata: metadata() }, (account, parameters, id) =>
    updateDispute(account, expectRecord(account, 'dispute', id), parameters),
  ),
  endpoint('POST', `${PATH}/:id/close`, {}, (account, _, id) => closeDispute(account, expectRecord(account, 'dispute', id), 'lost')),
];

interface DisputeUpdate {
  readonly evidence: Readonly<Record<string, unknown>> | undefined;
  readonly submit: boolean | undefined;
  readonly metadata: Parameters<typeof mergeMetadata>[1];
}

/** Evidence that is submitted goes to the bank; in test mode, a text decides at once. https://docs.stripe.com/testing#evidence */
function updateDispute(account: Account, dispute: Dispute, { evidence: given, submit, metadata: change }: DisputeUpdate): Dispute {
  const isOpen = dispute.status === 'needs_response' || dispute.status === 'under_review';
  if (given && !isOpen) throw refused('This dispute is already closed');
  const values = Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined));
  const isSubmitted = given !== undefined && submit !== false;
  const updated = patch(account, 'dispute', dispute, {
    evidence: { ...dispute.evidence, ...values },
    metadata: mergeMetadata(dispute.metadata, change),
    ...(isSubmitted && { status: 'under_review' }),
    evidence_details: {
      ...dispute.evidence_details,
      has_evidence: dispute.evidence_details.has_evidence || given !== undefined,
      submission_count: dispute.evidence_details.submission_count + (isSubmitted ? 1 : 0),
    },
  });
  emit(account, 'charge.dispute.updated', updated, previousAttributes(dispute, updated));
  const verdict = isSubmitted ? values.uncategorized_text : undefined;
  if (verdict === 'winning_evidence') return closeDispute(account, updated, 'won');
  return verdict === 'losing_evidence' ? closeDispute(account, updated, 'lost') : updated;
}
