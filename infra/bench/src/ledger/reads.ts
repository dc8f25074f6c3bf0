import { openLedger } from '@tessera/local';
import type { Viewer } from '@tessera/service-kit/identity';
import type { SubgraphAnswer } from '@tessera/service-kit/subgraph';

const PAGE = 20;
const STRIDE = 100;
const WARM_UP = 20;

export interface Reads {
  /** Milliseconds of every request. */
  readonly firstPage: number[];
  readonly middlePage: number[];
  readonly balanceAt: number[];
}

/** What owners ask about wallets with a long past, through the subgraph's own schema, one after the other. */
export async function measureReads(databaseUrl: string, wallets: readonly string[], perWallet: number): Promise<Reads> {
  const ledger = await openLedger(databaseUrl);
  const ask = async (walletId: string, query: string, variables: object = {}): Promise<Answer> => {
    const answer = await ledger.execute({ query, variables: { id: walletId, ...variables }, viewer: ownerOf(walletId) });
    return pageOf(answer);
  };
  const reads: Reads = { firstPage: [], middlePage: [], balanceAt: [] };
  const timed = async (into: number[], run: () => Promise<unknown>): Promise<void> => {
    const startedMs = performance.now();
    await run();
    into.push(performance.now() - startedMs);
  };
  try {
    for (const walletId of wallets.slice(0, WARM_UP)) await ask(walletId, PAGES, { first: PAGE });
    for (const walletId of wallets) {
      await timed(reads.firstPage, () => ask(walletId, PAGES, { first: PAGE }));
      let middle: Answer = { wallet: { transfers: { edges: [], pageInfo: { endCursor: null } } } };
      for (let seen = 0; seen < perWallet / 2; seen += STRIDE)
        middle = await ask(walletId, PAGES, { first: STRIDE, after: middle.wallet.transfers?.pageInfo.endCursor });
      await timed(reads.middlePage, () => ask(walletId, PAGES, { first: PAGE, after: middle.wallet.transfers?.pageInfo.endCursor }));
      const time = middle.wallet.transfers?.edges.at(-1)?.node.createdAt;
      await timed(reads.balanceAt, () => ask(walletId, BALANCE_AT, { time }));
    }
    return reads;
  } finally {
    await ledger.close();
  }
}

const PAGES = `query ($id: ID!, $first: Int!, $after: Cursor) { wallet(id: $id) { transfers(first: $first, after: $after) {
  edges { direction sequence balanceAfter { minor } node { id createdAt amount { minor } } } pageInfo { endCursor hasNextPage } } } }`;
const BALANCE_AT = 'query ($id: ID!, $time: DateTime!) { wallet(id: $id) { balanceAt(time: $time) { minor } } }';

interface Answer {
  readonly wallet: {
    readonly transfers?: {
      readonly edges: readonly { readonly node: { readonly createdAt: string } }[];
      readonly pageInfo: { readonly endCursor: string | null };
    };
  };
}

function pageOf({ data, errors }: SubgraphAnswer): Answer {
  if (errors || !data?.wallet) throw new Error(`A wallet could not be read: ${JSON.stringify(errors ?? data)}`);
  return data as unknown as Answer; // what the query asks for
}

function ownerOf(walletId: string): Viewer {
  const userId = `usr_${walletId.slice(4)}`;
  return {
    ...{ kind: 'user', principal: `user:${userId}`, userId, sessionId: null },
    ...{ roles: ['CUSTOMER'], scopes: new Set(), clientAddress: null },
  };
}
