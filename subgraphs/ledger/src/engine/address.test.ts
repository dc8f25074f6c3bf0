import { describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { parseAddress } from './address.ts';

describe('an address', () => {
  it('names a system account or what a vendor is owed, in a currency', () => {
    const vendor = newId('user');
    expect(parseAddress('system:escrow:USD')).toEqual({ kind: 'ESCROW', ownerId: null, currency: 'USD' });
    expect(parseAddress('system:clearing.stripe:EUR')).toEqual({ kind: 'CLEARING', ownerId: null, currency: 'EUR' });
    expect(parseAddress(`payable:${vendor}:JPY`)).toEqual({ kind: 'PAYABLE', ownerId: vendor, currency: 'JPY' });
  });

  it.each([
    '',
    'wal_1',
    'system:escrow',
    'system:escrow:XXX',
    'system:constructor:USD',
    'system:wallet:USD',
    'payable:me:USD',
    'payable::USD',
    'system:escrow:USD:x',
    'other:fees:USD',
  ])('is not %p', (text) => {
    expect(parseAddress(text)).toBeNull();
  });
});
