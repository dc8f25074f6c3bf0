import { ensure } from '@tessera/service-kit/errors';
import { invalidField, type UseCaseContext } from '@tessera/service-kit/graphql';
import { isId } from '@tessera/service-kit/ids';
import type { UsersServices } from '../services.ts';
import { revokeSessions } from './revoke-sessions.ts';
import { SessionEntity } from './session.entity.ts';
import { SessionClosed, type SessionCloseInput, SessionNotFound } from './session.type.ts';

/** Logs out: the session that asks, one of the caller's, or all of them. Repeatable: what is closed stays closed. */
export async function sessionClose({ sessionId, isEverywhere }: SessionCloseInput, unit: UseCaseContext<UsersServices>) {
  const userId = ensure(unit.viewer.userId, 'user of an authenticated call');
  if (isEverywhere && sessionId) return invalidField('sessionId', 'conflict', 'Give sessionId or isEverywhere, not both.');
  if (isEverywhere) return new SessionClosed(await revokeSessions(unit, { userId, sessionId: null, reason: 'CLOSED' }));

  const wanted = sessionId ?? unit.viewer.sessionId ?? '';
  const session = isId('session', wanted) ? await unit.em.findOne(SessionEntity, { id: wanted, userId }) : null;
  if (!session) return new SessionNotFound();
  return new SessionClosed(await revokeSessions(unit, { userId, sessionId: session.id, reason: 'CLOSED' }));
}
