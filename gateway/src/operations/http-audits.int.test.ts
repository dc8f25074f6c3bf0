import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auditServer } from 'graphql-http';
import { startToyPlatform, type ToyPlatform } from '../../test/toy-platform.ts';

/** The public audits of GraphQL over HTTP, against either mode. */
describe('GraphQL over HTTP', () => {
  let standard: ToyPlatform;
  let strict: ToyPlatform;
  beforeAll(async () => {
    standard = await startToyPlatform();
    strict = await startToyPlatform({ config: { isStrictHttp: true } });
  });
  afterAll(() => Promise.all([standard.close(), strict.close()]));

  const failuresOf = async ({ url }: ToyPlatform) => {
    const results = await auditServer({ url: `${url}/graphql`, fetchFn: fetch });
    return { total: results.length, failures: results.filter(({ status }) => status !== 'ok').map(({ id, name }) => `${id} ${name}`) };
  };

  it('is spoken to the letter in strict mode: 61 of 61', async () => {
    expect(await failuresOf(strict)).toEqual({ total: 61, failures: [] });
  });

  it('is spoken as Apollo Server does by default: 55 of 61, and these differ', async () => {
    const { total, failures } = await failuresOf(standard);
    expect(total).toBe(61);
    expect(failures.sort()).toEqual(
      [
        // Protection against forged requests: a plain GET needs a header that a foreign page cannot set.
        '5A70 MAY accept application/x-www-form-urlencoded formatted GET requests',
        // Apollo Server says 400 to those who take application/json too.
        '572B SHOULD use 200 status code on document parsing failure when accepting application/json',
        '6A70 MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json',
        '7B9B SHOULD use a status code of 200 on variable coercion failure when accepting application/json',
        'D6D5 MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json',
        'FDE2 SHOULD use 200 status code on document validation failure when accepting application/json',
      ].sort(),
    );
  });
});
