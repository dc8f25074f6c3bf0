import { expect, it } from '@jest/globals';
import { createLogger } from '@tessera/service-kit/service';
import { faultErrors } from './fault.ts';

it('a fault of a fetch is told at every entity of the longest list that is asked for at once', () => {
  const paths = Array.from({ length: 1_000 }, (_, index) => ['_entities', index]);
  const errors = faultErrors(new Error('broken'), 'orders', paths, createLogger({ service: 'gateway', level: 'silent' }));
  expect(errors.map(({ path }) => path)).toEqual(paths);
  expect(new Set(errors.map(({ extensions }) => extensions.errorId)).size).toBe(1);
});
