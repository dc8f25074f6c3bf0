import { DisputeEntity } from './dispute.entity.ts';
import { DisputeResolver, PaymentDisputesResolver } from './dispute.resolver.ts';

export { readDispute } from './read-dispute.ts';

export const disputeEntities = [DisputeEntity];
export const disputeResolvers = [PaymentDisputesResolver, DisputeResolver] as const;
