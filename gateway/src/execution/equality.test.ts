import { describe, expect, it } from '@jest/globals';
import { contextOf } from '../../test/context.ts';
import { type Compared, createBench } from '../../test/equality/compare.ts';
import { generateOperation } from '../../test/equality/generate-operation.ts';
import { NOT_VALID } from '../../test/equality/invented-subgraph.ts';
import { Random } from '../../test/equality/random.ts';
import { difference, isSameData, isSameInSomeOrder, type Seen, type StockSeen } from '../../test/equality/seen.ts';
import { areConditionsMany, areErrorsComparable, referencesOf, subgraphsOf, supergraphNames } from '../../test/equality/supergraphs.ts';
import { askRewritten, type HttpSubgraphs, serveSubgraphs } from '../../test/equality/ways-of-asking.ts';
import { viewerOfVisitor } from '../identity/access-token.ts';
import { partitionOf } from '../identity/partition.ts';

/** Of each supergraph; some have so many ways from one subgraph to another that planning an operation takes long. */
const OPERATIONS = 780;
const OPERATIONS_BY_NAME: Readonly<Record<string, number>> = {
  'keys mash-up': 100,
  'interface objects': 160,
  override: 400,
  'requires with arguments': 600,
};
/** How likely a field or a fragment stands under a condition, where that is what is compared. */
const MANY_CONDITIONS = 0.35;
/** One in so many is answered once more by subgraphs that write in their own way. */
const REWRITTEN = 3;
/** One in so many is asked over HTTP too; so many of them together, and what they have in common as one. */
const OVER_HTTP = 10;
const TOGETHER = 4;
const SEED = Number(process.env.EQUALITY_SEED ?? 20_261_127);
const TIMEOUT_MS = 300_000;

describe(`the compiled executor answers as the stock executor does (seed ${SEED})`, () => {
  it.each(supergraphNames)(
    '%s',
    async (name) => {
      const subgraphs = subgraphsOf(name);
      const bench = await createBench(subgraphs, referencesOf(name));
      const http = await serveSubgraphs(subgraphs);
      const differences: unknown[] = [];
      const facts = { withData: 0, withErrors: 0, better: 0 };
      let waiting: Compared[] = [];
      for (let index = 0; index < (OPERATIONS_BY_NAME[name] ?? OPERATIONS); index += 1) {
        const operation = generateOperation(bench.schema, new Random(SEED + index), areConditionsMany(name) ? MANY_CONDITIONS : undefined);
        const compared = await bench.compare(operation);
        const { ours } = compared;
        let { stock } = compared;
        const seen: Record<string, Seen> = { ...ours };
        if (index % REWRITTEN === 0) seen.rewritten = await compared.run(askRewritten(subgraphs, new Random(SEED + index)));
        if (index % OVER_HTTP === 0) seen.http = await compared.run(http.ask, contextOf({ isQuestion: !isMutation(operation) }));
        const comparable = areErrorsComparable(name, operation.query);
        let found = mistakesIn(seen, stock, comparable);
        const right = found.length > 0 || areConditionsMany(name) ? await compared.stockWithoutConditions?.() : undefined;
        if (right && (found.length > 0 || right.data !== stock.data)) {
          stock = right;
          found = mistakesIn(seen, stock, comparable);
          facts.better += 1;
        }
        if (ours.text.raw !== ours.objects.raw) found.push('text and objects differ');
        if (found.length > 0) differences.push({ found, index, query: operation.query, variables: operation.variables, stock, seen });
        if (stock.data.length > 40) facts.withData += 1;
        if (stock.errors.length > 0) facts.withErrors += 1;
        if (index % OVER_HTTP === 0 && !isMutation(operation) && comparable) waiting.push({ ...compared, stock });
        if (waiting.length === TOGETHER) {
          differences.push(...(await differencesTogether(waiting, http)));
          waiting = [];
        }
      }
      await Promise.all([bench.stop(), http.stop()]);
      expect(differences.slice(0, 3)).toEqual([]);
      // A comparison of empty answers would prove nothing.
      expect(facts.withData).toBeGreaterThan(50);
      expect(facts.withErrors).toBeGreaterThan(5);
      if (areConditionsMany(name)) expect(facts.better).toBeGreaterThan(5);
    },
    TIMEOUT_MS,
  );
});

function mistakesIn(seen: Readonly<Record<string, Seen>>, stock: StockSeen, comparable: boolean): string[] {
  return Object.entries(seen).flatMap(([form, each]) => mistakeIn(each, stock, comparable)?.concat(`: ${form}`) ?? []);
}

/** The planner itself forgets to define a variable now and then: then both hear the same from the subgraph. */
function mistakeIn(ours: Seen, stock: StockSeen, comparable: boolean, isSame?: typeof isSameData): string | null {
  const heard = new Set(stock.errors.map(({ message }) => message));
  const isRefused = ours.errors.some(({ message }) => message.startsWith(NOT_VALID) && !heard.has(message));
  if (isRefused) return 'a subgraph is asked what it cannot be asked';
  if (!comparable) return isSameData(ours, stock) ? null : 'the data differs';
  return difference(ours, stock, isSame);
}

function isMutation({ query }: { readonly query: string }): boolean {
  return query.startsWith('mutation');
}

/** Each twice, at once, for one visitor. */
async function differencesTogether(all: readonly Compared[], { askTogether }: HttpSubgraphs): Promise<unknown[]> {
  const viewer = viewerOfVisitor('vis_1', '127.0.0.1');
  const twice = [...all, ...all];
  partitionOf(viewer).underWay = twice.length;
  const answers = await Promise.all(twice.map(({ run }) => run(askTogether, contextOf({ viewer }))));
  return answers.flatMap((seen, index) => {
    const { stock } = twice[index] as Compared; // one answer each
    const what = mistakeIn(seen, stock, true, isSameInSomeOrder);
    return what ? [{ found: [`${what}: together`], stock, seen }] : [];
  });
}
