import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startToyPlatform, type ToyPlatform } from '../../test/toy-platform.ts';
import { composeToys, toySubgraph } from '../../test/toy-subgraphs.ts';

const KNOWN = { query: 'query Known { me { id handle } }' };

describe('replacing the supergraph under load', () => {
  let platform: ToyPlatform;
  let wider: string;
  beforeAll(async () => {
    platform = await startToyPlatform();
    const { users, orders, ledger } = platform;
    const extra = toySubgraph('extra', 'type Query { extra: String }', { Query: { extra: () => 'x' } });
    wider = await composeToys([users, orders, ledger, extra]);
  });
  afterAll(() => platform.close());

  const ask = async (query: string, operationName?: string) => {
    const answer = await fetch(`${platform.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await platform.token('usr_01h455vb4pex5vsknk084sn02q')}` },
      body: JSON.stringify({ query, operationName }),
    });
    return { status: answer.status, body: (await answer.json()) as { data?: Record<string, unknown>; errors?: { message: string }[] } };
  };

  it.each([
    ['no GraphQL', 'type Query {'],
    ['no supergraph', 'type Query { me: String }'],
  ])('refuses %s and keeps the old one', async (_title, sdl) => {
    await expect(platform.gateway.replaceSchema({ supergraphSdl: sdl })).rejects.toThrow();
    expect((await ask('{ quick }')).body.errors).toBeUndefined();
  });

  it('refuses a supergraph that cannot answer a known operation', async () => {
    await expect(platform.gateway.replaceSchema({ supergraphSdl: wider }, [{ query: '{ gone }' }])).rejects.toThrow('gone');
    expect((await ask('{ extra }')).status).toBe(400);
  });

  it('loses no request, and knows the operations that it was told of', async () => {
    let isOver = false;
    const failures: unknown[] = [];
    let answered = 0;
    const client = async () => {
      while (!isOver) {
        const { status, body } = await ask('{ quick me { id } }');
        answered += 1;
        if (status !== 200 || body.errors) failures.push(body);
      }
    };
    const clients = Promise.all([client(), client(), client(), client()]);
    await platform.gateway.replaceSchema({ supergraphSdl: wider }, [KNOWN]);
    const after = answered + 20;
    while (answered < after) await new Promise((resolve) => setTimeout(resolve, 10));
    isOver = true;
    await clients;
    expect(failures).toEqual([]);
    expect((await ask('{ extra }')).body).toMatchObject({
      data: { extra: null },
      errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }],
    });
    expect(platform.logLines).toContainEqual(expect.objectContaining({ subgraph: 'extra', msg: expect.stringContaining('has no URL') }));
    const missesBefore = await misses();
    expect((await ask(KNOWN.query)).body.errors).toBeUndefined();
    expect((await ask(KNOWN.query, 'Known')).body.errors).toBeUndefined();
    expect([missesBefore > 0, (await misses()) - missesBefore]).toEqual([true, 0]);
  });

  const misses = async () =>
    Number(/^tessera_gateway_operations_misses(?:\{[^}]*\})? (\d+)/m.exec(await (await fetch(`${platform.url}/metrics`)).text())?.[1]);
});
