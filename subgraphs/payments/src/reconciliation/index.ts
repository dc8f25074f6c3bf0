import { ReconciliationDifferenceResolver, ReconciliationResolver } from './reconciliation.resolver.ts';

export { createDailyReconciliation } from './reconcile-daily.ts';

export const reconciliationResolvers = [ReconciliationResolver, ReconciliationDifferenceResolver] as const;
