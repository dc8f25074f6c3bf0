import { expect } from '@jest/globals';
import { smallGraph } from './small-graph.ts';

const SDL = `type Query { thing: Thing things: [Thing!] must: Thing! node: Node any: Any shade: Shade }
  enum Color { RED BLUE } enum Shade { LIGHT DARK @inaccessible } scalar JSON
  type Thing implements Node @key(fields: "id") { id: ID! int: Int float: Float flag: Boolean color: Color text: String texts: [String!] ints: [Int] rows: [[Int!]] any: JSON must: Int! next: Thing nexts: [[Thing!]] }
  interface Node { id: ID! next: Thing } union Any = Thing | Other type Other { of: Thing! } type Hidden implements Node @inaccessible { id: ID! next: Thing }`;
const MORE = 'type Thing @key(fields: "id") { id: ID! more: String least: Int! parts: [Part!] label: String! } type Part { size: Int! }';
const LABELS = 'type Thing @key(fields: "id") { id: ID! more: String @external sign: String! @requires(fields: "more") other: Int! }';

export type Answers = Readonly<Partial<Record<'a' | 'b' | 'c', string>>>;
const FORMS = ['text', 'objects'] as const;

/** Three subgraphs that answer to everything what they are given. */
export async function graphOf({ a, b, c }: Answers, form: (typeof FORMS)[number] = 'text') {
  const answer = (text: string | undefined) => () => text ?? '{"data":{}}';
  return smallGraph(
    { a: { sdl: SDL, answer: answer(a) }, b: { sdl: MORE, answer: answer(b) }, c: { sdl: LABELS, answer: answer(c) } },
    { form },
  );
}

/** What the client gets, the same in both forms. */
export async function told(answers: Answers, query: string, variables: Record<string, unknown> = {}) {
  const [text, objects] = await Promise.all(FORMS.map(async (form) => (await graphOf(answers, form)).run(query, variables)));
  expect(objects).toEqual(text);
  const { data, errors } = text ?? { data: undefined, errors: [] };
  return { data, errors: errors.map(({ message, path }) => `${path?.join('.')}: ${message}`) };
}

export const isNo = (type: string, field: string) => `${type} cannot represent what the subgraph answered for ${field}.`;
export const notNull = (field: string) => `Cannot return null for non-nullable field ${field}.`;
export const THINGS = '{"data":{"things":[{"__typename":"Thing","id":"1"},{"__typename":"Thing","id":"2"}]}}';
