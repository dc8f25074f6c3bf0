import { cardChecks } from './card-checks.ts';
import type { Check } from './check.ts';
import type { DatabaseUrls } from './databases.ts';
import { ledgerChecks } from './ledger-checks.ts';
import { ledgerKeysChecks } from './ledger-keys-checks.ts';
import { ledgerStorageChecks } from './ledger-storage-checks.ts';
import { ledgerSubtotalsCheck } from './ledger-subtotals-check.ts';
import { ledgerToldChecks } from './ledger-told-checks.ts';
import { ordersChecks } from './orders-checks.ts';
import { outboxChecks } from './outbox-checks.ts';
import { paymentsChecks } from './payments-checks.ts';
import { providerChecks } from './provider-checks.ts';
import { sagaChecks } from './saga-checks.ts';
import { isLinkThere, type Since, windowOf } from './since.ts';
import { openSnapshot } from './snapshot.ts';
import { newestSeal, type SealPoint } from './window.ts';

export { CannotRun } from './cannot-run.ts';
export { type DatabaseUrls, findDatabases } from './databases.ts';
export { transferLine } from './ledger-storage-checks.ts';
export { eventLogChecks } from './outbox-checks.ts';
export { newestSeal, type Window, windowSinceSeal } from './window.ts';

/** Violations of a check beyond this many are not counted. */
export const MAX_VIOLATIONS = 100;

/** Every rule that the ledger's database can answer alone. */
export const ledgerOwnChecks: readonly Check[] = [
  ...ledgerChecks,
  ...ledgerKeysChecks,
  ...ledgerStorageChecks,
  ledgerSubtotalsCheck,
  ...ledgerToldChecks,
];

export const allChecks: readonly Check[] = [
  ...ledgerOwnChecks,
  ...ordersChecks,
  ...paymentsChecks,
  ...cardChecks,
  ...sagaChecks,
  ...providerChecks,
  ...outboxChecks,
];

/** Of the ledger, what a pass has looked at. */
export interface LedgerScope {
  readonly mode: 'full' | 'since';
  /** The first batch that was proved; null: everything. */
  readonly fromBatch: string | null;
  /** The newest seal that the pass has seen: `--since seal:<ordinal>` goes on from here. */
  readonly seal: SealPoint | null;
}

export interface CheckResult {
  readonly invariant: string;
  readonly id: string;
  readonly title: string;
  readonly isOk: boolean;
  /** What is wrong, as text; at most MAX_VIOLATIONS. */
  readonly violations: readonly string[];
  readonly durationMs: number;
}

export interface VerifyReport {
  readonly checkedAt: string;
  readonly isOk: boolean;
  readonly ledger: LedgerScope;
  readonly checks: readonly CheckResult[];
}

export interface Progress {
  readonly id: string;
  /** Checks that are done, and how much of the one that runs. */
  readonly done: number;
  readonly total: number;
  readonly share: number;
}

export interface VerifyOptions {
  /** Proves the ledger from there on; everything else is always proved whole. */
  readonly since?: Since | null;
  readonly onProgress?: (progress: Progress) => void;
  readonly onChecked?: (result: CheckResult, done: number, total: number) => void;
}

/**
 * Proves the invariants from the stored rows, without writing any. Safe against a running production.
 * @throws CannotRun when a store cannot be asked: an unknown is no pass
 */
export async function verify(urls: DatabaseUrls, { since = null, onProgress, onChecked }: VerifyOptions = {}): Promise<VerifyReport> {
  const checkedAt = new Date().toISOString();
  const snapshot = await openSnapshot(urls);
  const { ask } = snapshot;
  const checks: CheckResult[] = [];
  try {
    const window = since ? await windowOf(ask, since) : null;
    const ledger: LedgerScope = { mode: window ? 'since' : 'full', fromBatch: window?.fromBatch ?? null, seal: await newestSeal(ask) };
    const plan = since?.kind === 'SEAL' ? [linkCheck(since), ...allChecks] : allChecks;
    const total = plan.length;
    for (const { invariant, id, title, run } of plan) {
      const tell = (share: number): void => onProgress?.({ id, done: checks.length, total, share });
      tell(0);
      const startedMs = performance.now();
      const violations = await run(ask, MAX_VIOLATIONS, { window, onProgress: tell });
      const durationMs = Math.round(performance.now() - startedMs);
      const result = { invariant, id, title, isOk: violations.length === 0, violations, durationMs };
      checks.push(result);
      onChecked?.(result, checks.length, total);
    }
    return { checkedAt, isOk: checks.every(({ isOk }) => isOk), ledger, checks };
  } finally {
    await snapshot.close();
  }
}

function linkCheck(since: Extract<Since, { kind: 'SEAL' }>): Check {
  return {
    invariant: 'I3',
    id: 'seal-still-there',
    title: 'the seal from which the pass goes on is in the chain, as it was',
    run: async (ask) => ((await isLinkThere(ask, since)) ? [] : [`seal ${since.ordinal} is not there, or is another than it was`]),
  };
}
