import type { TransferState } from '../engine/index.ts';

/** Rules of transfers between users, and the names that the graph knows for what moves money. */

export const TRANSFER_CODES = [
  'TRANSFER',
  'SCHEDULED',
  'FUNDING',
  'TOP_UP',
  'ORDER_PAYMENT',
  'VENDOR_SHARE',
  'PLATFORM_FEE',
  'REFUND',
  'REFUND_RETURNED',
  'STRAY_PAYMENT',
  'STRAY_REFUND',
  'STRAY_REFUND_RETURNED',
  'REVERSAL',
  'PAYOUT',
  'PROVIDER_FEE',
  'DISPUTE',
  'ADJUSTMENT',
  'OTHER',
] as const;
export type TransferCode = (typeof TRANSFER_CODES)[number];

const KNOWN: ReadonlySet<string> = new Set(TRANSFER_CODES);

/** Services name what they post; a name that this version of the graph does not know is OTHER. */
export function transferCode(code: string): TransferCode {
  return KNOWN.has(code) ? (code as TransferCode) : 'OTHER'; // the set holds exactly these
}

export interface ReversalFacts {
  readonly code: string;
  readonly state: TransferState;
  readonly reverses?: string | null | undefined;
  readonly linkedGroup?: string | null | undefined;
  readonly resolves?: string | null | undefined;
  readonly paymentId?: string | null | undefined;
}

export type ReversalDecision = 'REVERSE' | 'NOT_POSTED' | 'IS_REVERSAL' | 'TOOK_TWO' | 'BELONGS_TO_PAYMENT';

/** One leg of an order's payment cannot go back alone: that is a refund, and payments knows how. */
export function decideReverse({ state, code, reverses, linkedGroup, resolves, paymentId }: ReversalFacts): ReversalDecision {
  if (state !== 'POSTED') return 'NOT_POSTED';
  if (reverses) return 'IS_REVERSAL';
  if (code === 'ADJUSTMENT') return 'TOOK_TWO';
  if (linkedGroup || resolves || paymentId) return 'BELONGS_TO_PAYMENT';
  return 'REVERSE';
}
