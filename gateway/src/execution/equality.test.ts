import { describe, expect, it } from '@jest/globals';
import { createBench, difference } from '../../test/equality/compare.ts';
import { generateOperation } from '../../test/equality/generate-operation.ts';
import { Random } from '../../test/equality/random.ts';
import { subgraphsOf, supergraphNames } from '../../test/equality/supergraphs.ts';

/** Of each supergraph; some have so many ways from one subgraph to another that planning an operation takes long. */
const OPERATIONS = 900;
const OPERATIONS_BY_NAME: Readonly<Record<string, number>> = { 'keys mash-up': 100, 'interface objects': 160, override: 400 };
const SEED = Number(process.env.EQUALITY_SEED ?? 20_261_127);
const TIMEOUT_MS = 300_000;

describe(`the compiled executor answers as the stock executor does (seed ${SEED})`, () => {
  it.each(supergraphNames)(
    '%s',
    async (name) => {
      const bench = await createBench(subgraphsOf(name));
      const differences: unknown[] = [];
      const facts = { withData: 0, withErrors: 0 };
      for (let index = 0; index < (OPERATIONS_BY_NAME[name] ?? OPERATIONS); index += 1) {
        const operation = generateOperation(bench.schema, new Random(SEED + index));
        const compared = await bench.compare(operation);
        const what = difference(compared);
        const { stock, text } = compared;
        if (stock.data.length > 40) facts.withData += 1;
        if (stock.errors.length > 0) facts.withErrors += 1;
        if (what) differences.push({ what, index, query: operation.query, variables: operation.variables, stock, ours: text });
      }
      await bench.stop();
      expect(differences.slice(0, 3)).toEqual([]);
      // A comparison of empty answers would prove nothing.
      expect(facts.withData).toBeGreaterThan(50);
      expect(facts.withErrors).toBeGreaterThan(5);
    },
    TIMEOUT_MS,
  );
});
