import { describe, expect, test } from '@jest/globals';
import { minor, show, showMinor } from './amounts.ts';

describe('amounts', () => {
  test('are read exactly, whatever their size', () => {
    expect(minor({ currency: 'USD', minor: '9223372036854775807', decimal: '92233720368547758.07' })).toBe(9_223_372_036_854_775_807n);
  });

  test('are shown with the digits of their currency', () => {
    const usd = { currency: 'USD', minor: '3199', decimal: '31.99' };
    expect(show(usd)).toBe('31.99 USD');
    expect(showMinor(5n, usd)).toBe('0.05 USD');
    expect(showMinor(246_801n, usd)).toBe('2468.01 USD');
    expect(showMinor(1_200n, { currency: 'JPY', minor: '0', decimal: '0' })).toBe('1200 JPY');
  });
});
