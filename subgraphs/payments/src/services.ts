import type { Log, RequestContext, UseCaseContext } from '@tessera/service-kit/graphql';
import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import type { FraudThresholds } from './fraud/fraud-config.ts';
import type { ProviderAdapter } from './provider/provider-adapter.ts';
import type { ProviderName } from './provider/provider-name.ts';

export interface PaymentsSettings {
  readonly feeBasisPoints: number;
  readonly walletWaitMs: number;
  readonly answerTimeoutMs: number;
  readonly maxSends: number;
  readonly providerRetryMs: number;
  readonly maxProviderFailures: number;
  readonly providerPollMs: number;
  readonly providerTimeoutMs: number;
  readonly reviewWindowMs: number;
  readonly fraud: FraudThresholds;
  /** Where the provider's page sends the customer afterwards. */
  readonly returnUrl: string;
  /** Shared with orders: see `recognitionKey`. */
  readonly eventsSecret: string;
}

/** What use cases, consumers and workers get besides their transaction. */
export interface PaymentsServices {
  readonly settings: PaymentsSettings;
  /** The providers that this deployment has keys for. */
  readonly adapters: Readonly<Partial<Record<ProviderName, ProviderAdapter>>>;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  /** Lets the callers of providers look for work at once; after the commit. */
  readonly wakeCalls: () => void;
  readonly crashPoint: (name: string) => void;
}

export type PaymentsContext = RequestContext<PaymentsServices>;
export type PaymentsUseCaseContext = UseCaseContext<PaymentsServices>;

/** A transaction, and who and what it goes back to: every change of a payment is recorded with both. */
export interface Act extends UnitOfWork, PaymentsServices {
  readonly actor: string;
  readonly traceparent: string | null;
}

export function actOfEvent(event: Pick<ReceivedEvent, 'actor' | 'traceparent'>, unit: UnitOfWork, services: PaymentsServices): Act {
  return { ...services, ...unit, actor: event.actor, traceparent: event.traceparent };
}

export function actOfUseCase(context: PaymentsUseCaseContext): Act {
  const { em, now, publish, viewer, request, services } = context;
  return { ...services, em, now, publish, actor: viewer.principal, traceparent: request.traceparent };
}

export function actOfWorker(unit: UnitOfWork, services: PaymentsServices, traceparent: string | null = null): Act {
  return { ...services, ...unit, actor: 'service:payments', traceparent };
}
