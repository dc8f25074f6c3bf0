import { describe, expect, it } from '@jest/globals';
import { disputeStateOf } from './disputes.ts';

describe('the status of a dispute at Stripe', () => {
  it.each([
    ['needs_response', 'OPEN'],
    ['under_review', 'OPEN'],
    ['won', 'WON'],
    ['lost', 'LOST'],
    ['warning_needs_response', 'INQUIRY'],
    ['warning_under_review', 'INQUIRY'],
    ['warning_closed', 'INQUIRY'],
    ['prevented', 'INQUIRY'],
  ] as const)('%s is %s', (status, state) => {
    expect(disputeStateOf(status)).toBe(state);
  });
});
