import { derivedKey } from '@tessera/service-kit/ids';

/** In the order in which they may happen: steps of one instant are shown so. */
export const STEP_NAMES = [
  'RESERVE_STOCK',
  'REQUEST_PAYMENT',
  'CONFIRM_STOCK',
  'DELIVER_UNITS',
  'CAPTURE_PAYMENT',
  'RELEASE_STOCK',
  'RETURN_STOCK',
  'VOID_PAYMENT',
  'REFUND_PAYMENT',
] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** `WAITING`: a command is out, its answer is not in. `NEEDS_ATTENTION`: sent as often as allowed, or ended in a way that a person must look at. */
export type StepState = 'WAITING' | 'DONE' | 'FAILED' | 'NEEDS_ATTENTION';

const COMPENSATIONS: ReadonlySet<StepName> = new Set(['RELEASE_STOCK', 'RETURN_STOCK', 'VOID_PAYMENT', 'REFUND_PAYMENT']);

export const MAX_ATTEMPTS = 8;
const MAX_WAIT_MS = 3_600_000;

/** Steps that undo earlier ones. */
export function isCompensation(name: StepName): boolean {
  return COMPENSATIONS.has(name);
}

/** The key of the step: the same order and step have the same one for ever. */
export function stepKey(orderId: string, name: StepName): string {
  return derivedKey(orderId, name);
}

/**
 * The id of one sending of a step's command. Derived, so that a transaction that runs again sends nothing twice; with the attempt in it,
 * because the outbox drops an id that it knows, and a command that was lost must really go out again. Its receiver tells a second sending
 * by the payment or refund that it names.
 */
export function commandId(orderId: string, name: StepName, attempt: number): string {
  return `evt_${derivedKey(stepKey(orderId, name), `attempt ${attempt}`)}`;
}

/** How long to wait for the answer to this attempt: longer each time, with a bound. */
export function waitMs(attempt: number, answerDeadlineMs: number): number {
  return Math.min(answerDeadlineMs * 2 ** (attempt - 1), Math.max(MAX_WAIT_MS, answerDeadlineMs));
}
