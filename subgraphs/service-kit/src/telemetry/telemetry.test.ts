import { expect, test } from '@jest/globals';
import { noTelemetry } from './index.ts';

test('without telemetry the work runs as it is, at any depth', async () => {
  expect(noTelemetry.span('outer', {}, (inner) => inner.span('inner', { attempt: 1 }, () => 42))).toBe(42);
  await expect(noTelemetry.span('outer', {}, async () => Promise.reject(new Error('kept')))).rejects.toThrow('kept');
});
