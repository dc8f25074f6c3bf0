import { describe, expect, it } from '@jest/globals';
import { type DisputeFact, type DisputeState, decideDispute, fittingMinor } from './dispute.ts';

describe('what a report about a dispute brings', () => {
  it.each<[DisputeState | null, DisputeState, DisputeFact[]]>([
    [null, 'OPEN', ['OPENED']],
    [null, 'WON', ['OPENED', 'WON']],
    [null, 'LOST', ['OPENED', 'LOST']],
    ['OPEN', 'OPEN', []],
    ['OPEN', 'WON', ['WON']],
    ['OPEN', 'LOST', ['LOST']],
    ['WON', 'WON', []],
    ['LOST', 'LOST', []],
    ['WON', 'OPEN', []],
    ['LOST', 'OPEN', []],
  ])('known as %s and told %s it is %j', (known, reported, facts) => {
    expect(decideDispute(known, reported)).toEqual({ facts, isContradiction: false });
  });

  it.each<[DisputeState, DisputeState]>([
    ['WON', 'LOST'],
    ['LOST', 'WON'],
  ])('changes nothing when what is %s is told to be %s, and says so', (known, reported) => {
    expect(decideDispute(known, reported)).toEqual({ facts: [], isContradiction: true });
  });
});

describe('how much of a dispute fits into its payment', () => {
  const captured = { capturedMinor: 10_000n, refundingMinor: 0n, refundedMinor: 0n, disputedMinor: 0n };

  it.each([
    ['the whole of it', captured, 10_000n, 10_000n],
    ['a part', captured, 1n, 1n],
    ['what refunds have left', { ...captured, refundedMinor: 6_000n, refundingMinor: 1_000n }, 10_000n, 3_000n],
    ['what another dispute has left', { ...captured, disputedMinor: 9_000n }, 10_000n, 1_000n],
    ['nothing of a payment that has gone back', { ...captured, refundedMinor: 10_000n }, 10_000n, 0n],
    ['nothing before the capture', { ...captured, capturedMinor: 0n }, 10_000n, 0n],
  ])('is %s', (_title, payment, amountMinor, fitting) => {
    expect(fittingMinor(payment, amountMinor)).toBe(fitting);
  });
});
