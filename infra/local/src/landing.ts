import { setTimeout as sleep } from 'node:timers/promises';
import type { LandingOptions, StatusEntry } from '@tessera/gateway';
import type { Cards } from './cards.ts';
import type { Hosted } from './host.ts';
import { redisAnswers } from './redis/server.ts';
import { SEED_ACCOUNTS, SEED_PASSWORD } from './seed/accounts.ts';

const CHECK_TIMEOUT_MS = 1_500;
const SIMULATOR = 'Stripe simulator';

export interface LandingParts {
  readonly mailboxUrl: string;
  readonly cards: Pick<Cards, 'simulatorUrl' | 'why'>;
  readonly stores: { readonly postgres: { readonly why: string }; readonly redis: { readonly url: string; readonly why: string } };
  readonly hosted: Hosted;
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly hasSeed: boolean;
}

/** What the landing page of the local stack shows beyond what the gateway itself knows. */
export function landingOf({ mailboxUrl, cards, stores, hosted, subgraphUrls, hasSeed }: LandingParts): LandingOptions {
  const { postgres, redis } = stores;
  return {
    links: [{ title: 'Mailbox', url: mailboxUrl }, ...(cards.simulatorUrl ? [{ title: SIMULATOR, url: cards.simulatorUrl }] : [])],
    stores: [
      { name: 'PostgreSQL', why: postgres.why },
      { name: 'Redis', why: redis.why },
    ],
    accounts: hasSeed ? SEED_ACCOUNTS.map(({ email, displayName, roles }) => ({ email, displayName, roles, password: SEED_PASSWORD })) : [],
    status: async (): Promise<StatusEntry[]> => {
      const [isPostgresUp, isRedisUp] = await Promise.all([within(databasesAnswer(hosted)), within(redisAnswers(redis.url))]);
      return [
        { name: 'PostgreSQL', kind: 'store', isUp: isPostgresUp },
        { name: 'Redis', kind: 'store', isUp: isRedisUp },
        ...Object.entries(subgraphUrls).map(
          ([name, url]): StatusEntry => ({
            ...{ name, kind: 'subgraph', isUp: null },
            detail: `in this process; for others at ${url}`,
          }),
        ),
        await cardsStatus(cards),
      ];
    },
  };
}

/** Each service has a database of its own, which need not be on the same server. */
async function databasesAnswer(hosted: Hosted): Promise<boolean> {
  const checks = await Promise.allSettled(Object.values(hosted).map((subgraph) => subgraph.check()));
  return checks.every(({ status }) => status === 'fulfilled');
}

async function cardsStatus({ simulatorUrl, why }: LandingParts['cards']): Promise<StatusEntry> {
  if (!simulatorUrl) return { name: 'Stripe', kind: 'tool', isUp: null, detail: why };
  const answers = fetch(simulatorUrl, { signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) }).then(
    async ({ ok, body }) => {
      await body?.cancel();
      return ok;
    },
    () => false,
  );
  return { name: SIMULATOR, kind: 'tool', isUp: await answers, detail: 'takes cards in place of Stripe', url: simulatorUrl };
}

/** No answer in time is no. */
async function within(answer: Promise<boolean>): Promise<boolean> {
  const timer = new AbortController();
  const expired = sleep(CHECK_TIMEOUT_MS, false, { signal: timer.signal }).catch(() => false);
  return Promise.race([answer, expired]).finally(() => timer.abort());
}
