import type { EntityManager } from '@tessera/service-kit/persistence';
import { afterEnd } from '@tessera/service-kit/persistence';

/** Is told of balances before they change, so that whoever keeps copies of them shows none that is older than a commit. */
export interface BalanceGuard {
  /**
   * Called in the transaction, under the locks, and awaited before the commit. Answers what to call once it is known how the transaction
   * ended; never called where that stays unknown. Rejects only where it cannot keep its promise; then nothing may be committed.
   */
  before(accountIds: readonly string[]): Promise<() => void>;
}

const guards = new WeakMap<object, BalanceGuard>();

/** From now on every transaction of this entity manager's connections is guarded that changes balances. */
export function guardBalances(em: EntityManager, guard: BalanceGuard): void {
  guards.set(em.getConnection(), guard);
}

/** For whatever changes accounts in a transaction of an entity manager. */
export async function beforeBalancesChange(em: EntityManager, accountIds: readonly string[]): Promise<void> {
  const guard = guards.get(em.getConnection());
  if (guard) afterEnd(em, await guard.before(accountIds));
}
