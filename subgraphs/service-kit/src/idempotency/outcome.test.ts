import { expect, it } from '@jest/globals';
import { decodeOutcome, encodeOutcome } from './outcome.ts';

const again = (outcome: object) => decodeOutcome(JSON.parse(encodeOutcome(outcome)));

it('keeps amounts and instants apart from text', () => {
  const outcome = { __typename: 'Paid', amountMinor: 12n, at: new Date(0), lines: [{ minor: 3n }], none: null };
  expect(again(outcome)).toEqual(outcome);
});

it.each([{ $bigint: 'not a number' }, { $date: 'never' }, { $bigint: '1', b: 2 }, { $$bigint: '1', $other: 'x', $: 0 }])(
  'MUST take %j of a caller for nothing but data',
  (data) => {
    expect(again({ __typename: 'Saved', data })).toEqual({ __typename: 'Saved', data });
  },
);

it('reads what was stored before keys were marked', () => {
  expect(decodeOutcome({ amount: { $bigint: '5' }, at: { $date: '1970-01-01T00:00:00.000Z' } })).toEqual({ amount: 5n, at: new Date(0) });
});
