import { LockMode } from '@mikro-orm/core';
import { refuseInvalid } from '@tessera/service-kit/graphql';
import { newId } from '@tessera/service-kit/ids';
import { rawSql } from '@tessera/service-kit/persistence';
import { z } from 'zod';
import { actOfRequest } from '../cause.ts';
import { idRule } from '../input-rules.ts';
import type { ActContext } from '../services.ts';
import { UnitEntity } from './unit.entity.ts';
import { UnitNotFound, UnitRevealed, type UnitRevealInput } from './unit.type.ts';

const rules = z.object({ unitId: idRule('unit') });

/**
 * Puts on record that the owner reads the secret; the secret itself is opened by the field that answers it, and never stored. Waits for a
 * cancellation of the order that is under way: either the unit is revoked, or the order can no longer be cancelled. Safe to retry.
 */
export async function unitReveal(input: UnitRevealInput, context: ActContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const { em, now, viewer, request } = context;
  const { traceId } = actOfRequest(context);
  const [owned] = await rawSql<{ order_id: string }>(em, 'select order_id from units where id = $1 and owner_id = $2', [
    input.unitId,
    viewer.userId,
  ]);
  if (!owned) return new UnitNotFound();
  await rawSql(em, 'select id from orders where id = $1 for share', [owned.order_id]);

  const unit = await em.findOne(UnitEntity, { id: input.unitId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!unit || unit.state === 'REVOKED') return new UnitNotFound();
  unit.state = 'REVEALED';
  unit.revealedAt ??= now;
  await rawSql(
    em,
    'insert into unit_reveals (id, unit_id, user_id, client_address, request_id, trace_id, at) values ($1, $2, $3, $4, $5, $6, $7)',
    [newId('audit'), unit.id, viewer.userId, viewer.clientAddress, request.requestId, traceId, now],
  );
  return new UnitRevealed(unit.id);
}
