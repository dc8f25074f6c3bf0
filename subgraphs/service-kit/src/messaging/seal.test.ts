import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { deriveKey } from '../crypto/index.ts';
import { createSeal } from './seal.ts';

describe('the mark of a service', () => {
  it.each(['', 'a', '{"id":"evt_1"}', 'ä'.repeat(10_000)])('is HMAC-SHA256 cut to 132 bits', (text) => {
    const whole = createHmac('sha256', deriveKey('secret', 'stream-entries')).update(text).digest('base64url');
    expect(createSeal('secret').of(text)).toBe(whole.slice(0, 22));
  });

  it('is on its own text only, and not made with another secret', () => {
    const seal = createSeal('secret');
    expect(seal.isOn('text', seal.of('text'))).toBe(true);
    expect(seal.isOn('texts', seal.of('text'))).toBe(false);
    expect(seal.isOn('text', createSeal('another').of('text'))).toBe(false);
    expect(seal.isOn('text', '')).toBe(false);
  });
});
