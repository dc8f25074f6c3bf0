import { LockMode } from '@mikro-orm/core';
import { ensure } from '@tessera/service-kit/errors';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import { type AfterCall, type CallHandler, type CallMeans, DONE } from '../call/call-handler.ts';
import { repeatableKey } from '../call/handlers/ask-or-find.ts';
import { returnUrlOf } from '../call/handlers/return-url.ts';
import { planCall } from '../call/plan-call.ts';
import type { ProviderCallEntity } from '../call/provider-call.entity.ts';
import type { MethodReport } from '../provider/provider-adapter.ts';
import type { Act } from '../services.ts';
import { PaymentMethodEntity } from './payment-method.entity.ts';

/** A page for a card stays open for a while; after that nobody looks any more. */
const LOOK_FOR_MS = 86_400_000;

/** Opens the provider's page for a card, and the provider's customer before it where there is none yet. */
export const openMethod: CallHandler = {
  perform: async (call, { adapter, em, services }) => {
    const method = await read(call, em);
    if (method.state !== 'SETTING_UP') return async () => DONE;
    const { userId, provider } = method;
    const customerId = (await knownCustomer(method, em)) ?? (await adapter.openCustomer(userId, `${userId}:customer`));
    const returnUrl = returnUrlOf(services.settings.returnUrl, { paymentMethodId: method.id, outcome: 'setup' });
    const report = await adapter.openMethodPage(
      { methodId: method.id, providerCustomerId: customerId, returnUrl, cancelUrl: returnUrl },
      repeatableKey(call),
    );
    return async (act) => {
      await rawSql(act.em, 'insert into provider_customers (user_id, provider, customer_id) values ($1, $2, $3) on conflict do nothing', [
        userId,
        provider,
        customerId,
      ]);
      const locked = await lock(call, act);
      locked.providerCustomerId = customerId;
      await apply(locked, report, act);
      const dueAt = new Date(act.now.getTime() + act.settings.providerPollMs);
      await planCall(act, { provider, kind: 'READ_METHOD', subjectId: method.id, dueAt });
      return DONE;
    };
  },
  refused: async (call, _reason, act) => fail(await lock(call, act), act),
  givenUp: async (call, act) => fail(await lock(call, act), act),
};

/** Reads whether the card was entered. */
export const readMethod: CallHandler = {
  perform: async (call, { adapter, em }) => {
    const method = await read(call, em);
    if (method.providerMethodId || !method.sessionId) return async () => DONE;
    const report = await adapter.readMethod(method.sessionId);
    return async (act) => apply(await lock(call, act), report, act);
  },
  refused: async (call, _reason, act) => fail(await lock(call, act), act),
  givenUp: async (call, act) => fail(await lock(call, act), act),
};

/** Lets the provider forget a card. One that it does not know is forgotten already. */
export const removeMethod: CallHandler = {
  perform: async (call, { adapter, em }) => {
    const { providerMethodId } = await read(call, em);
    if (providerMethodId) await adapter.removeMethod(providerMethodId);
    return async (act) => {
      remove(await lock(call, act), act);
      return DONE;
    };
  },
  refused: async (call, _reason, act) => remove(await lock(call, act), act),
  givenUp: async (call, act) => act.log.error({ paymentMethodId: call.subjectId }, 'a saved card could not be removed at the provider'),
};

async function apply(method: PaymentMethodEntity, report: MethodReport, act: Act): Promise<AfterCall> {
  method.updatedAt = act.now;
  method.sessionId ??= report.sessionId;
  switch (report.kind) {
    case 'ACTION_REQUIRED': {
      method.clientUrl = report.url;
      const ageMs = act.now.getTime() - method.createdAt.getTime();
      return ageMs < LOOK_FOR_MS ? { kind: 'AGAIN', at: new Date(act.now.getTime() + Math.max(ageMs, act.settings.providerPollMs)) } : DONE;
    }
    case 'CLOSED':
      fail(method, act);
      return DONE;
    default:
      // Two reads may tell of the same card.
      if (!method.providerMethodId) await keep(method, report, act);
      return DONE;
  }
}

/** Removed while its page was open: what was entered after all is forgotten at the provider too. */
async function keep(
  method: PaymentMethodEntity,
  { card, providerMethodId }: Extract<MethodReport, { kind: 'ACTIVE' }>,
  act: Act,
): Promise<void> {
  const { brand, last4, expiresYear, expiresMonth, fingerprint, country } = card;
  Object.assign(method, { providerMethodId, brand, last4, expiresYear, expiresMonth, fingerprint, country, clientUrl: null });
  const isWanted = method.state !== 'REMOVED';
  method.state = isWanted ? 'ACTIVE' : 'REMOVING';
  if (!isWanted) await planCall(act, { provider: method.provider, kind: 'REMOVE_METHOD', subjectId: method.id });
}

function fail(method: PaymentMethodEntity, act: Act): void {
  if (method.state !== 'SETTING_UP') return;
  method.state = 'FAILED';
  method.clientUrl = null;
  method.updatedAt = act.now;
}

function remove(method: PaymentMethodEntity, act: Act): void {
  method.state = 'REMOVED';
  method.updatedAt = act.now;
}

async function read(call: ProviderCallEntity, em: CallMeans['em']): Promise<PaymentMethodEntity> {
  return em.findOneOrFail(PaymentMethodEntity, ensure(call.subjectId, 'the saved card of a call'));
}

async function lock(call: ProviderCallEntity, { em }: Act): Promise<PaymentMethodEntity> {
  const id = ensure(call.subjectId, 'the saved card of a call');
  return em.findOneOrFail(PaymentMethodEntity, id, { lockMode: LockMode.PESSIMISTIC_WRITE });
}

async function knownCustomer({ userId, provider }: PaymentMethodEntity, em: EntityManager): Promise<string | null> {
  const [row] = await rawSql<{ customer_id: string }>(
    em,
    'select customer_id from provider_customers where user_id = $1 and provider = $2',
    [userId, provider],
  );
  return row?.customer_id ?? null;
}
