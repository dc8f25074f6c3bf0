import { describe, expect, it } from '@jest/globals';
import { readText } from '../execution/data/read-answer.ts';
import { splitEntities } from './split-entities.ts';

const ENTITIES = ['{"name":"a \\"b\\" ]}","size":12345678901234567890}', 'null', '{"sizes":[1.10,{"x":"  "}]}'];

describe('an answer about entities', () => {
  it.each([
    ['without white space', `{"data":{"_entities":[${ENTITIES.join()}]}}`],
    ['with white space', `{ "data" : {\n"_entities" : [ ${ENTITIES.join(' , ')} ] } }`],
    ['with errors', `{"errors":[],"data":{"_entities":[${ENTITIES.join()}]}}`],
    ['with white space in an entity', `{"data": {"_entities":[${ENTITIES.join().replace(':[', ' : [ ')}]}}`],
  ])('is taken apart to the last digit %s', (_title, text) => {
    expect(readText(text, splitEntities).data).toEqual({ $_entities: ENTITIES });
  });

  it('is refused where they are no list', () => {
    for (const entities of ['null', '{"a":1}', '"["'])
      expect(() => readText(`{"data":{"_entities":${entities}}}`, splitEntities)).toThrow();
  });
});
