import { describe, expect, test } from '@jest/globals';
import { readApiSchema, readManifests } from './files.ts';
import { clientDocuments, manifestOf, mistakesOf } from './manifests.ts';

const API = 'type Query { a: Int }';
const manifest = manifestOf(['query B { a }', 'query A { a }']);

describe('manifests of trusted documents', () => {
  test('hold what our clients send now', async () => {
    const committed = readManifests();
    for (const [client, documents] of await clientDocuments())
      expect([client, committed.get(client)]).toEqual([client, manifestOf(documents)]);
    for (const [client, text] of committed) expect(mistakesOf(client, text, readApiSchema())).toEqual([]);
  });

  test('are in the order of names, so that a review sees what changed', () => {
    expect(JSON.parse(manifest)).toMatchObject({ operations: [{ name: 'A', type: 'query', body: 'query A { a }' }, { name: 'B' }] });
  });

  test.each([
    ['an operation that the graph does not know any more', manifest, 'type Query { b: Int }', 'Cannot query field "a"'],
    ['a text that was changed under its id', manifest.replace('A { a }', 'A { a: a }'), API, 'is not the SHA-256 of the body'],
    ['a text that is no GraphQL', manifestOf(['query A { a }']).replaceAll('query A { a }', 'query A {'), API, 'is not the SHA-256'],
  ])('MUST NOT hold %s', (_title, text, api, mistake) => {
    expect(mistakesOf('shop', text, api).join('\n')).toContain(mistake);
    expect(mistakesOf('shop', manifest, API)).toEqual([]);
  });

  test('MUST NOT hold an operation without a name', () => {
    expect(() => manifestOf(['{ a }'])).toThrow('one operation with a name');
  });
});
