import { setTimeout as sleep } from 'node:timers/promises';
import type { LandingOptions, StatusEntry } from '@tessera/gateway';
import type { Hosted } from './host.ts';
import { redisAnswers } from './redis/server.ts';
import { SEED_ACCOUNTS, SEED_PASSWORD } from './seed/accounts.ts';

const CHECK_TIMEOUT_MS = 1_500;

export interface LandingParts {
  readonly mailboxUrl: string;
  readonly stores: { readonly postgres: { readonly why: string }; readonly redis: { readonly url: string; readonly why: string } };
  readonly hosted: Hosted;
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly hasSeed: boolean;
}

/** What the landing page of the local stack shows beyond what the gateway itself knows. */
export function landingOf({ mailboxUrl, stores, hosted, subgraphUrls, hasSeed }: LandingParts): LandingOptions {
  const { postgres, redis } = stores;
  return {
    links: [{ title: 'Mailbox', url: mailboxUrl }],
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
      ];
    },
  };
}

/** Each service has a database of its own, which need not be on the same server. */
async function databasesAnswer(hosted: Hosted): Promise<boolean> {
  const checks = await Promise.allSettled(Object.values(hosted).map((subgraph) => subgraph.check()));
  return checks.every(({ status }) => status === 'fulfilled');
}

/** No answer in time is no. */
async function within(answer: Promise<boolean>): Promise<boolean> {
  const timer = new AbortController();
  const expired = sleep(CHECK_TIMEOUT_MS, false, { signal: timer.signal }).catch(() => false);
  return Promise.race([answer, expired]).finally(() => timer.abort());
}
