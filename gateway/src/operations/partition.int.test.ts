import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SubgraphRequest } from '@tessera/service-kit/subgraph';
import { ALICE, ALICES_WALLET, BOB, BOBS_WALLET, bearer, inProcess, startToyPlatform, type ToyPlatform } from '../../test/toy-platform.ts';
import type { ToySubgraph } from '../../test/toy-subgraphs.ts';

const ROUNDS = 12;
const EACH = 3;
const SLOW_MS = 15;
const BODIES = ['{ me { id handle wallets { id } } }', '{ again: me { handle wallets { id } } }'].map((query) => JSON.stringify({ query }));

/** I13: whatever is answered together, no answer holds what is another's. */
describe('equal questions of different askers at once', () => {
  let platform: ToyPlatform;
  beforeAll(async () => {
    platform = await startToyPlatform({
      config: { trustedProxyHops: 1 },
      places: ({ users, orders, ledger }) => inProcess({ users: slow(users), orders: slow(orders), ledger: slow(ledger) }),
    });
  });
  afterAll(() => platform.close());

  const ask = async (body: string, headers: Record<string, string>) => {
    const answer = await fetch(`${platform.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    return { text: await answer.text(), visitor: answer.headers.get('tessera-visitor'), cookies: answer.headers.getSetCookie() };
  };
  const metric = async (name: string) =>
    Number(new RegExp(`^${name}\\S* (\\d+)`, 'm').exec(await (await fetch(`${platform.url}/metrics`)).text())?.[1]);

  it('MUST be answered with their own, and are answered together only where they may be', async () => {
    const alice = await platform.token(ALICE);
    const bob = await platform.token(BOB);
    const known = (await ask(BODIES[0] ?? '', {})).visitor ?? '';
    const askers: readonly { readonly owner: string | null; readonly headers: Record<string, string> }[] = [
      { owner: ALICE, headers: bearer(alice) },
      { owner: BOB, headers: bearer(bob) },
      { owner: ALICE, headers: bearer(await platform.token(ALICE, { scope: 'users:read', roles: ['ADMIN'] })) },
      { owner: ALICE, headers: { ...bearer(alice), 'x-forwarded-for': '203.0.113.7' } },
      { owner: BOB, headers: { 'tessera-client': 'web', cookie: `tessera_access=${bob}` } },
      // What a client says about who it is beside its token is not read.
      { owner: ALICE, headers: { ...bearer(alice), 'x-user-id': BOB, 'tessera-identity': bob, cookie: `tessera_access=${bob}` } },
      { owner: null, headers: { 'tessera-visitor': known } },
      { owner: null, headers: {} },
    ];
    for (let round = 0; round < ROUNDS; round += 1) {
      const asked = askers.flatMap((asker) => BODIES.flatMap((body) => Array.from({ length: EACH }, () => ({ ...asker, body }))));
      const answers = await Promise.all(
        asked.map(async ({ owner, headers, body }) => ({ owner, headers, answer: await ask(body, headers) })),
      );
      for (const { owner, answer } of answers) expect(answer.text).toBe(expectedFor(owner, answer.text.includes('"again"')));
      const visitors = answers.filter(({ headers }) => Object.keys(headers).length === 0).map(({ answer }) => answer.visitor);
      expect(new Set(visitors).size).toBe(visitors.length);
      expect(answers.filter(({ answer, headers }) => 'tessera-client' in headers && answer.cookies.length > 0)).toEqual([]);
    }
    expect(await metric('tessera_gateway_collapsed_total')).toBeGreaterThan(ROUNDS);
    expect(await metric('tessera_gateway_merged_fetches_total')).toBeGreaterThan(0);
  });
});

function expectedFor(owner: string | null, isSecond: boolean): string {
  if (owner === null) return isSecond ? '{"data":{"again":null}}\n' : '{"data":{"me":null}}\n';
  const handle = owner === ALICE ? 'alice' : 'bob';
  const wallets = [{ id: owner === ALICE ? ALICES_WALLET : BOBS_WALLET }];
  return `${JSON.stringify({ data: isSecond ? { again: { handle, wallets } } : { me: { id: owner, handle, wallets } } })}\n`;
}

/** Long enough that what is asked at once overlaps. */
function slow(subgraph: ToySubgraph) {
  const execute = async (request: SubgraphRequest) => {
    await sleep(SLOW_MS);
    return subgraph.execute(request);
  };
  return { ...subgraph, execute };
}
