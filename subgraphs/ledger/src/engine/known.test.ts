import { describe, expect, it } from '@jest/globals';
import type { AccountFacts } from './account.ts';
import { Remembered } from './known.ts';

const factsOf = (id: string): AccountFacts => ({
  id,
  kind: 'WALLET',
  address: null,
  ownerId: 'usr_1',
  currency: 'USD',
  normalSide: 'CREDIT',
});
const many = Array.from({ length: 100_001 }, (_, at) => factsOf(`wal_${at}`));

describe('Remembered', () => {
  it('MUST leave those who are at work with it what they saw when it makes room', () => {
    const remembered = new Remembered();
    remembered.add({ addresses: new Map(), facts: many });
    const { facts } = remembered;
    remembered.add({ addresses: new Map(), facts: [factsOf('wal_last')] });
    expect(facts.get('wal_7')).toEqual(factsOf('wal_7'));
    expect(remembered.facts.size).toBe(1);
    expect(remembered.facts.get('wal_last')).toEqual(factsOf('wal_last'));
  });
});
