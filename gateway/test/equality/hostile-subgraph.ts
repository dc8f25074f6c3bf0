import type { InventedSubgraph } from './invented-subgraph.ts';
import { hashOf } from './random.ts';

/** Of a thousand values. */
const NULL = 100;
const ABSENT = 150;
const WRONG = 280;
const LOST_OBJECT = 80;

/** What entities are asked for by, and told apart by. */
const KEPT = /^(__typename|_entities|(id|upc|sku|key|code|slug|organization).*)$/i;
const WRONG_FORMS: readonly unknown[] = [{ a: 1 }, [1], 'odd', 1.5, true, 7, '7'];

/** The same subgraph, which now and then answers what its schema does not allow; the same wherever the same stands. */
export function hostile(subgraph: InventedSubgraph): InventedSubgraph {
  return {
    ...subgraph,
    answer: async (query, variables) => {
      const { data, ...rest } = await subgraph.answer(query, variables);
      return { ...rest, ...(data === undefined ? {} : { data: spoiled(data, '_entities', subgraph.name) }) };
    },
  };
}

/** Undefined: it is left out. */
function spoiled(value: unknown, key: string, subgraph: string): unknown {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((each) => spoiled(each, key, subgraph) ?? null);
  const luck = KEPT.test(key) ? Number.POSITIVE_INFINITY : hashOf(`${subgraph}/${key}/${JSON.stringify(value)}`) % 1_000;
  if (typeof value !== 'object') return luck < WRONG ? spoiledLeaf(luck) : value;
  if (luck < LOST_OBJECT) return null;
  const members = Object.entries(value).map(([name, inner]) => [name, spoiled(inner, name, subgraph)] as const);
  return Object.fromEntries(members.filter(([, inner]) => inner !== undefined));
}

function spoiledLeaf(luck: number): unknown {
  if (luck < NULL) return null;
  return luck < ABSENT ? undefined : WRONG_FORMS[luck % WRONG_FORMS.length];
}
