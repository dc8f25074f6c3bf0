import { describe, expect, it } from '@jest/globals';
import { readOptions } from './main.ts';

describe('the program', () => {
  it('is set by flags, and by variables where there is no flag', () => {
    const flags = [
      '--port',
      '4000',
      '--webhook-url',
      'http://shop.example/hook',
      '--webhook-secret',
      'whsec_1',
      '--retry-delays-ms',
      '10,20',
    ];
    expect(readOptions(flags, { STRIPE_SIMULATOR_PORT: '1', STRIPE_SIMULATOR_SEED: '7', STRIPE_SIMULATOR_DATA_FILE: '/tmp/j' })).toEqual({
      port: 4000,
      seed: 7,
      dataFile: '/tmp/j',
      webhook: { url: 'http://shop.example/hook', secret: 'whsec_1' },
      retryDelaysMs: [10, 20],
    });
    expect(readOptions([], {})).toEqual({ port: 12_111 });
    expect(readOptions(['--help'], {})).toBe('HELP');
  });

  it.each([
    [['--port', 'x'], 'whole number'],
    [['--webhook-url', 'http://shop.example/'], 'together'],
    [['--unknown'], 'Unknown option'],
  ])('refuses %j', (flags, message) => {
    expect(() => readOptions(flags, {})).toThrow(message);
  });
});
