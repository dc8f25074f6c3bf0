import { describe, expect, it } from '@jest/globals';
import { DEFAULT_FRAUD_THRESHOLDS, fraudThresholds } from './fraud-config.ts';

const parse = (text?: string) => fraudThresholds().safeParse(text);

describe('thresholds of the fraud rules', () => {
  it('keep their defaults where nothing is said', () => {
    expect(parse().data).toEqual(DEFAULT_FRAUD_THRESHOLDS);
    expect(parse('{"blockFrom": 120, "weights": {"country": 0}}').data).toEqual({
      ...DEFAULT_FRAUD_THRESHOLDS,
      blockFrom: 120,
      weights: { ...DEFAULT_FRAUD_THRESHOLDS.weights, country: 0 },
    });
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['a name that nothing reads', '{"reviewform": 60}'],
    ['a weight below nothing', '{"weights": {"country": -1}}'],
    ['a score that everything reaches', '{"reviewFrom": 0}'],
    ['a currency that nobody takes', '{"unitsPerDollar": {"XXX": 2}}'],
    ['blocking before reviewing', '{"reviewFrom": 70, "blockFrom": 69}'],
  ])('refuse %s', (_what, text) => {
    expect(parse(text).success).toBe(false);
  });
});
