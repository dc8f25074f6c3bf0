import fc from 'fast-check';
import { ACCOUNTS, DAY, MAX, type ModelLeg, type Step } from './reference.ts';

const anId = fc.constantFrom(...ACCOUNTS);
const between = { from: anId, to: anId };
const huge = fc.constantFrom(MAX, MAX - 100n, 2n ** 62n, MAX + 1n);
const aMinor = fc.oneof({ weight: 20, arbitrary: fc.bigInt(-1n, 60n) }, { weight: 1, arbitrary: huge });
const unbounded = fc.constantFrom('fees', 'bank');
const aLeg: fc.Arbitrary<ModelLeg> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('MOVE' as const), from: unbounded, to: anId, minor: huge }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('MOVE' as const), ...between, minor: aMinor }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('MOVE' as const), ...between, minor: fc.constant('AVAILABLE' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('MOVE' as const), ...between, minor: fc.bigInt(1n, 40n), reverses: fc.nat(2) }) },
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('HOLD' as const), ...between, minor: aMinor, lasts: fc.integer({ min: 0, max: 3 }) }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constantFrom('POST' as const, 'POST' as const, 'VOID' as const, 'EXPIRE' as const),
      hold: fc.nat(3),
      minor: fc.oneof(fc.constant(null), fc.bigInt(-1n, 30n)),
    }),
  },
);
const aStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      key: fc.nat(60),
      legs: fc.oneof({ weight: 3, arbitrary: fc.tuple(aLeg) }, { weight: 1, arbitrary: fc.array(aLeg, { minLength: 2, maxLength: 3 }) }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ wait: fc.constantFrom(1, 2, 1, 2, DAY) }) },
  { weight: 1, arbitrary: fc.record({ close: fc.constantFrom('a', 'b', 'c') }) },
);

/** Now and then a client asks again what it asked before. */
export const aProgram: fc.Arbitrary<Step[]> = fc
  .array(fc.record({ step: aStep, again: fc.option(fc.nat(30), { freq: 8 }) }), { minLength: 1, maxLength: 40, size: 'max' })
  .map((steps) => steps.map(({ step, again }) => (again === null ? step : (steps[again]?.step ?? step))));
