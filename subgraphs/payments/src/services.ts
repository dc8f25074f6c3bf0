import type { RequestContext, UseCaseContext } from '@tessera/service-kit/graphql';
import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';

export interface PaymentsSettings {
  readonly feeBasisPoints: number;
  readonly walletWaitMs: number;
  readonly answerTimeoutMs: number;
  readonly maxSends: number;
}

/** What use cases, consumers and workers get besides their transaction. */
export interface PaymentsServices {
  readonly settings: PaymentsSettings;
}

export type PaymentsContext = RequestContext<PaymentsServices>;
export type PaymentsUseCaseContext = UseCaseContext<PaymentsServices>;

/** A transaction, and who and what it goes back to: every change of a payment is recorded with both. */
export interface Act extends UnitOfWork {
  readonly actor: string;
  readonly traceparent: string | null;
  readonly settings: PaymentsSettings;
}

export function actOfEvent(event: Pick<ReceivedEvent, 'actor' | 'traceparent'>, unit: UnitOfWork, { settings }: PaymentsServices): Act {
  return { ...unit, actor: event.actor, traceparent: event.traceparent, settings };
}

export function actOfUseCase(context: PaymentsUseCaseContext): Act {
  const { em, now, publish, viewer, request, services } = context;
  return { em, now, publish, actor: viewer.principal, traceparent: request.traceparent, settings: services.settings };
}

export function actOfWorker(unit: UnitOfWork, { settings }: PaymentsServices): Act {
  return { ...unit, actor: 'service:payments', traceparent: null, settings };
}
