/** Rules of adjustments: who may decide one, and when. Plain data in, decision out. */

export const ADJUSTMENT_STATES = ['PROPOSED', 'APPROVED', 'REFUSED', 'REJECTED', 'WITHDRAWN', 'EXPIRED'] as const;
export type AdjustmentState = (typeof ADJUSTMENT_STATES)[number];

/** How long a proposal waits for its second person. */
export const PROPOSAL_LIFETIME_MS = 7 * 86_400_000;

export interface AdjustmentFacts {
  readonly state: AdjustmentState;
  readonly proposedBy: string;
  readonly expiresAt: Date;
}

export type ApprovalDecision = 'APPROVE' | 'ALREADY_DECIDED' | 'EXPIRED' | 'SAME_PERSON';

/** The second pair of eyes is another person's: by user, whatever session or key they come with. */
export function decideApproval(adjustment: AdjustmentFacts, userId: string, now: Date): ApprovalDecision {
  if (isExpired(adjustment, now)) return 'EXPIRED';
  if (adjustment.state !== 'PROPOSED') return 'ALREADY_DECIDED';
  return adjustment.proposedBy === userId ? 'SAME_PERSON' : 'APPROVE';
}

export type RejectionDecision = 'REJECT' | 'WITHDRAW' | 'ALREADY_DECIDED' | 'EXPIRED';

export function decideRejection(adjustment: AdjustmentFacts, userId: string, now: Date): RejectionDecision {
  if (isExpired(adjustment, now)) return 'EXPIRED';
  if (adjustment.state !== 'PROPOSED') return 'ALREADY_DECIDED';
  return adjustment.proposedBy === userId ? 'WITHDRAW' : 'REJECT';
}

/** Also before the sweeper has come by. */
function isExpired({ state, expiresAt }: AdjustmentFacts, now: Date): boolean {
  return state === 'EXPIRED' || (state === 'PROPOSED' && expiresAt <= now);
}
