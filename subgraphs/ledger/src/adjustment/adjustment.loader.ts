import type { Loader } from '@tessera/service-kit/graphql';
import { hasScope } from '@tessera/service-kit/identity';
import type { LedgerServices } from '../services.ts';
import { AdjustmentEntity } from './adjustment.entity.ts';
import { Adjustment } from './adjustment.type.ts';

/** Adjustments, for those who have to do with the books. */
export const visibleAdjustment: Loader<Adjustment, LedgerServices> = {
  name: 'visibleAdjustment',
  batch: async (ids, { em, viewer }) => {
    if (!hasScope(viewer, 'ledger:read') && !hasScope(viewer, 'ledger:write')) return new Map();
    const adjustments = await em.find(AdjustmentEntity, { id: { $in: [...ids] } });
    return new Map(adjustments.map((adjustment) => [adjustment.id, new Adjustment(adjustment)]));
  },
};
