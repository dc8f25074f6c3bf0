import type { IncomingHttpHeaders } from 'node:http';
import { TesseraError } from '@tessera/service-kit/errors';
import type { Logger, Metrics } from '@tessera/service-kit/service';
import { CLIENT_HEADER } from '../identity/web-session.ts';
import type { TrustedDocuments } from './trusted-documents.ts';

/** `open`: any operation; `log-unknown`: any, but what is in no manifest is told in the log; `safelist-only`: nothing else. */
export const POLICIES = ['open', 'log-unknown', 'safelist-only'] as const;
export type Policy = (typeof POLICIES)[number];

export interface Policies {
  readonly everybody: Policy;
  /** By the name that clients give in `Tessera-Client`. A name is not proof: a client that may do more opens the door to all who take its name. */
  readonly clients: ReadonlyMap<string, Policy>;
}

export interface OperationPolicy {
  /** Throws `OPERATION_NOT_ALLOWED` for a document that this client may not send. */
  check(hash: string, client: string | null): void;
}

/** Operations that were told in the log: each is told once an hour, and anew when there are other manifests. */
const MAX_TOLD = 1_000;
const TOLD_MS = 3_600_000;

export function createOperationPolicy(
  { everybody, clients }: Policies,
  trusted: () => TrustedDocuments,
  log: Logger,
  metrics: Metrics,
): OperationPolicy {
  const told = new Set<string>();
  let toldSince = 0;
  let toldBy: TrustedDocuments | null = null;
  const unlisted = metrics.counter({
    name: 'tessera_gateway_unlisted_operations_total',
    help: 'Operations that are in no manifest, where a policy asks for that.',
    labelNames: ['outcome'],
  });
  return {
    check: (hash, client) => {
      const policy = clients.get(client ?? '') ?? everybody;
      if (policy === 'open' || trusted().has(hash, client)) return;
      if (policy === 'safelist-only') {
        unlisted.inc({ outcome: 'refused' });
        throw new TesseraError(
          'OPERATION_NOT_ALLOWED',
          'This operation is not on the list of the client: add it to its manifest, or send one that is there.',
          { hash },
        );
      }
      unlisted.inc({ outcome: 'allowed' });
      const now = performance.now();
      if (toldBy !== trusted() || now - toldSince > TOLD_MS) {
        told.clear();
        toldBy = trusted();
        toldSince = now;
      }
      if (told.size >= MAX_TOLD || told.has(hash)) return;
      told.add(hash);
      log.warn({ hash, client }, 'operation is in no manifest');
    },
  };
}

const MAX_NAME_LENGTH = 100;

/** What a client calls itself: ours by a header of ours, others as Apollo's clients do. */
export function clientNameOf(headers: IncomingHttpHeaders): string | null {
  const name = headers[CLIENT_HEADER] ?? headers['apollographql-client-name'];
  return typeof name === 'string' && name !== '' && name.length <= MAX_NAME_LENGTH ? name : null;
}
