import { describe, expect, it } from '@jest/globals';
import type { AccountIdentity } from './account.ts';
import { Remembered } from './known.ts';

const MAX = 100_000;
const identityOf = (id: string): AccountIdentity => ({
  id,
  kind: 'WALLET',
  address: null,
  ownerId: 'usr_1',
  currency: 'USD',
  normalSide: 'CREDIT',
});
const wallets = Array.from({ length: MAX }, (_, at) => identityOf(`wal_${at}`));
const addresses = new Map(wallets.map(({ id }) => [`payable:${id}:USD`, id]));
const full = (): Remembered => {
  const remembered = new Remembered();
  remembered.add({ addresses, identities: wallets });
  return remembered;
};

describe('Remembered', () => {
  it('MUST keep all that it knows where nothing is new', () => {
    const remembered = full();
    remembered.add({ addresses: new Map([...addresses].slice(0, 7)), identities: [] });
    expect([remembered.addresses.size, remembered.identities.size]).toEqual([MAX, MAX]);
  });

  it.each([
    [
      'makes room',
      (remembered: Remembered) => remembered.add({ addresses: new Map([['new', 'wal_new']]), identities: [identityOf('wal_new')] }),
      1,
    ],
    ['forgets', (remembered: Remembered) => remembered.forget(), 0],
  ])('MUST leave those who are at work with it what they saw when it %s', (_what, change, left) => {
    const remembered = full();
    const { addresses: seen, identities } = remembered;
    change(remembered);
    expect([seen.get('payable:wal_7:USD'), identities.get('wal_7')]).toEqual(['wal_7', identityOf('wal_7')]);
    expect([remembered.addresses.size, remembered.identities.size]).toEqual([left, left]);
  });
});
