import type { Platform } from '@tessera/service-kit/subgraph';
import type { ProveOptions } from './proof/prove-batches.ts';

/** What the background proof finds, for whoever is on call. */
export function proofEvents({ log, metrics }: Platform): ProveOptions {
  const violations = metrics.counter({
    name: 'ledger_proof_violations_total',
    help: 'Rules of the books found broken by the background proof',
  });
  return {
    onFound: (found) => {
      for (const [rule, { samples }] of Object.entries(found)) {
        violations.inc();
        log.error({ rule, samples }, 'the books do not prove themselves: see ledgerProof, and run verify');
      }
    },
  };
}
