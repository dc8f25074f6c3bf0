import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensure, InvariantViolation } from '@tessera/service-kit/errors';
import { unitOfWork } from '@tessera/service-kit/messaging';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { type Act, actOfService } from '../cause.ts';
import type { ActServices } from '../services.ts';
import { adjustStock } from '../stock/adjust-stock.ts';
import { depositUnits } from '../unit/deposit-units.ts';
import { loadVariants } from '../variant/variant.load.ts';
import type { VariantFacts } from '../variant/variant.ts';
import type { OrdersOperator } from './orders-operator.ts';

const WAIT_MS = 15_000;
const POLL_MS = 50;

/** Both wait, for at most 15 s, until the catalog's event about the variant has arrived. */
export function createOperator(em: () => EntityManager, services: Pick<ActServices, 'envelope' | 'digestKey'>): OrdersOperator {
  return {
    setStock: async ({ variantId, onHand, reason }) => {
      const { kind } = await knownVariant(em, variantId);
      if (kind !== 'PHYSICAL') throw new InvariantViolation(`${variantId} has digital units: deposit them`);
      const factKey = `stock:${variantId}:${reason}`;
      await once(em(), factKey, async (act) => {
        const decision = await adjustStock(act, variantId, { onHand }, reason, factKey);
        if (decision.outcome !== 'adjusted')
          throw new InvariantViolation(`${variantId} cannot have ${onHand} on hand: ${decision.outcome}`);
      });
    },
    depositUnits: async ({ variantId, secrets, factKey }) => {
      const variant = await knownVariant(em, variantId);
      if (variant.kind !== 'DIGITAL_UNITS') throw new InvariantViolation(`${variantId} is physical: set its stock`);
      await once(em(), factKey, async (act) => {
        const decision = await depositUnits(act, variant, secrets, services, factKey);
        if (decision.outcome === 'refused')
          throw new InvariantViolation(`${variantId} already has ${decision.knownIndexes.length} of these secrets`);
      });
    },
  };
}

async function knownVariant(em: () => EntityManager, variantId: string): Promise<VariantFacts> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const variant = (await loadVariants(em(), [variantId])).get(variantId);
    if (variant) return variant;
    if (performance.now() > deadline)
      throw new InvariantViolation(`No event of the catalog about ${variantId} arrived within ${WAIT_MS} ms`);
    await sleep(POLL_MS);
  }
}

/** The journal remembers fact keys; its unique index settles two calls at once. */
async function once(em: EntityManager, factKey: string, work: (act: Act) => Promise<void>): Promise<void> {
  const origin = { actor: 'service:orders', correlationId: randomUUID(), causationId: null, traceparent: null, now: new Date() };
  await unitOfWork(em, origin, async (unit) => {
    const known = await rawSql(unit.em, 'select id from stock_movements where fact_key = $1', [ensure(factKey, 'a fact key')]);
    if (known.length === 0) await work(actOfService(unit));
  });
}
