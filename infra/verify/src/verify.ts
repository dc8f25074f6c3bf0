import { cardChecks } from './card-checks.ts';
import type { Check } from './check.ts';
import type { DatabaseUrls } from './databases.ts';
import { ledgerChecks } from './ledger-checks.ts';
import { ledgerStorageChecks } from './ledger-storage-checks.ts';
import { ordersChecks } from './orders-checks.ts';
import { outboxChecks } from './outbox-checks.ts';
import { paymentsChecks } from './payments-checks.ts';
import { providerChecks } from './provider-checks.ts';
import { sagaChecks } from './saga-checks.ts';
import { openSnapshot } from './snapshot.ts';

export { CannotRun, type DatabaseUrls, findDatabases } from './databases.ts';
export { transferLine } from './ledger-storage-checks.ts';

/** Violations of a check beyond this many are not counted. */
export const MAX_VIOLATIONS = 100;

/** Every rule that the ledger's database can answer alone. */
export const ledgerOwnChecks: readonly Check[] = [...ledgerChecks, ...ledgerStorageChecks];

export const allChecks: readonly Check[] = [
  ...ledgerOwnChecks,
  ...ordersChecks,
  ...paymentsChecks,
  ...cardChecks,
  ...sagaChecks,
  ...providerChecks,
  ...outboxChecks,
];

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
  readonly checks: readonly CheckResult[];
}

/**
 * Proves the invariants from the stored rows, without writing any. Safe against a running production.
 * @throws CannotRun when a store cannot be asked: an unknown is no pass
 */
export async function verify(
  urls: DatabaseUrls,
  onChecked: (result: CheckResult, done: number, total: number) => void = () => undefined,
): Promise<VerifyReport> {
  const checkedAt = new Date().toISOString();
  const snapshot = await openSnapshot(urls);
  const checks: CheckResult[] = [];
  try {
    for (const { invariant, id, title, run } of allChecks) {
      const startedMs = performance.now();
      const violations = await run(snapshot.ask, MAX_VIOLATIONS);
      const result = {
        invariant,
        id,
        title,
        isOk: violations.length === 0,
        violations,
        durationMs: Math.round(performance.now() - startedMs),
      };
      checks.push(result);
      onChecked(result, checks.length, allChecks.length);
    }
  } finally {
    await snapshot.close();
  }
  return { checkedAt, isOk: checks.every(({ isOk }) => isOk), checks };
}
