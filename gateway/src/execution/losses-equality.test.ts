import { describe, expect, it } from '@jest/globals';
import { isInterfaceType } from 'graphql';
import { createBench } from '../../test/equality/compare.ts';
import { generateOperation } from '../../test/equality/generate-operation.ts';
import { hostile } from '../../test/equality/hostile-subgraph.ts';
import { FAULTLESS } from '../../test/equality/invented-subgraph.ts';
import { Random } from '../../test/equality/random.ts';
import { differenceOfLosses, isSameLosses, type Path, type Seen, type StockSeen } from '../../test/equality/seen.ts';
import { sameForBoth, subgraphsOf } from '../../test/equality/supergraphs.ts';
import { typeAt } from '../../test/equality/type-at.ts';
import { askRewritten } from '../../test/equality/ways-of-asking.ts';

/** Of each supergraph; planning takes longest where there are many ways. */
const OPERATIONS = 300;
const OPERATIONS_BY_NAME: Readonly<Record<string, number>> = { 'keys mash-up': 60, 'interface objects': 120, override: 120 };
const SEED = Number(process.env.EQUALITY_SEED ?? 20_261_127);

describe(`what subgraphs must not answer is told where the stock executor notes it (seed ${SEED})`, () => {
  it.each(sameForBoth)('%s', async (name) => {
    const subgraphs = subgraphsOf(name, FAULTLESS).map(hostile);
    const bench = await createBench(subgraphs);
    const differences: unknown[] = [];
    const facts = { withLosses: 0, withTheSame: 0 };
    for (let index = 0; index < (OPERATIONS_BY_NAME[name] ?? OPERATIONS); index += 1) {
      const operation = generateOperation(bench.schema, new Random(SEED + index));
      const compared = await bench.compare(operation);
      const { ours, run } = compared;
      let { stock } = compared;
      const rewritten = await run(askRewritten(subgraphs, new Random(SEED + index)));
      const ofInterface = (path: Path) => isInterfaceType(typeAt(path, operation.document, bench.schema));
      let found = differencesOf(ours.text, stock, ofInterface);
      const right = found.length > 0 ? await compared.stockWithoutConditions?.() : undefined;
      if (right) {
        stock = right;
        found = differencesOf(ours.text, stock, ofInterface);
      }
      if (JSON.stringify(ours.text) !== JSON.stringify(ours.objects)) found.push('text and objects differ');
      if (rewritten.data !== ours.text.data || String(rewritten.losses) !== String(ours.text.losses))
        found.push('what is written in another way differs');
      if (found.length > 0) differences.push({ found, index, query: operation.query, variables: operation.variables, stock, ours });
      if (stock.losses.length === 0) continue;
      facts.withLosses += 1;
      if (isSameLosses(ours.text, stock)) facts.withTheSame += 1;
    }
    await bench.stop();
    expect(differences.slice(0, 3)).toEqual([]);
    // A comparison of answers without losses would prove nothing.
    expect(facts.withLosses).toBeGreaterThan(5);
    expect(facts.withTheSame / facts.withLosses).toBeGreaterThan(0.9);
  });
});

function differencesOf(ours: Seen, stock: StockSeen, ofInterface: (path: Path) => boolean): string[] {
  const losses = differenceOfLosses(ours, stock, ofInterface);
  return [...(ours.data === stock.data ? [] : ['the data differs']), ...(losses === null ? [] : [losses])];
}
