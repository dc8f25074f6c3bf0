import type { EventType } from '@tessera/schema/contract';
import { ConfigError } from '@tessera/service-kit/config';
import { isId } from '@tessera/service-kit/ids';
import type { EventHandlers, ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { type BackgroundWork, defineSubgraph, type Platform, type Subgraph, type Worker } from '@tessera/service-kit/subgraph';
import { createCrashPoint } from '@tessera/service-kit/telemetry';
import { AttemptEntity } from './attempt/attempt.entity.ts';
import { startWaitingAttempts } from './attempt/start-waiting-attempts.ts';
import type { CallHandlers } from './call/call-handler.ts';
import { closeAttempt } from './call/handlers/close-attempt.ts';
import { openAttempt } from './call/handlers/open-attempt.ts';
import { readAttempt } from './call/handlers/read-attempt.ts';
import { refundCall } from './call/handlers/refund.ts';
import { ProviderCallEntity } from './call/provider-call.entity.ts';
import { type CallRunner, createCallRunner } from './call/run-calls.ts';
import { mayMoveClearing, onClearingMoved } from './clearing/index.ts';
import type { PaymentsConfig } from './config.ts';
import { onUserRegistered } from './customer/on-user-registered.ts';
import { disputeEntities, disputeResolvers, readDispute } from './dispute/index.ts';
import { OrderStub } from './foreign/order.ts';
import { UserStub } from './foreign/user.ts';
import { fraudEntities, fraudResolvers, lapseReviews } from './fraud/index.ts';
import { onHoldFact, onPostingCompleted, onRefusal } from './ledger/answers.ts';
import { completeCommands } from './ledger/complete-commands.ts';
import { LedgerCommandEntity } from './ledger/ledger-command.entity.ts';
import { openMethod, readMethod, removeMethod } from './method/method-calls.ts';
import { PaymentMethodEntity } from './method/payment-method.entity.ts';
import { methodResolvers } from './method/payment-method.resolver.ts';
import { migrations } from './migrations/index.ts';
import { onCaptureRequested } from './payment/on-capture-requested.ts';
import { onPaymentRequested } from './payment/on-payment-requested.ts';
import { onVoidRequested } from './payment/on-void-requested.ts';
import { PaymentEntity } from './payment/payment.entity.ts';
import { visiblePayment } from './payment/payment.loader.ts';
import {
  OrderPaymentsResolver,
  PaymentAttemptResolver,
  PaymentAttentionSettledResolver,
  PaymentResolver,
  PaymentRetriedResolver,
} from './payment/payment.resolver.ts';
import { PaymentEventEntity } from './payment/payment-event.entity.ts';
import { createStripeAdapter, type StripeAdapter } from './provider/stripe/stripe-adapter.ts';
import { createDailyReconciliation, reconciliationResolvers } from './reconciliation/index.ts';
import { onRefundRequested } from './refund/on-refund-requested.ts';
import { RefundEntity } from './refund/refund.entity.ts';
import { RefundCreatedResolver, RefundResolver } from './refund/refund.resolver.ts';
import { type Act, actOfEvent, actOfWorker, type PaymentsServices } from './services.ts';
import { endTopUps } from './top-up/end-top-ups.ts';
import { topUpResolvers } from './top-up/top-up.resolver.ts';
import { onWalletClosed } from './wallet/on-wallet-closed.ts';
import { onWalletOpened } from './wallet/on-wallet-opened.ts';
import { WalletEntity } from './wallet/wallet.entity.ts';
import { createWebhooks, type Webhooks, webhookEntities } from './webhook/index.ts';

export { CALL_CRASH_POINTS } from './call/run-calls.ts';
export { paymentsConfig as configShape } from './config.ts';
export type { PaymentsServices } from './services.ts';

/** Where the gateway of a stack on one machine is. */
const LOCAL_GATEWAY = 'http://127.0.0.1:4000';
const WAITING_INTERVAL_MS = 200;
const COMPLETER_INTERVAL_MS = 1_000;
const LAPSE_INTERVAL_MS = 1_000;

type OwnServices = PaymentsServices & { close(): Promise<void> };

/** The composition root, the package's only export. @throws ConfigError when two settings do not go together */
export function createSubgraph(config: PaymentsConfig): Subgraph<PaymentsServices> {
  const stripe = stripeOf(config);
  const crashPoint = createCrashPoint(config.crashAt, { service: 'payments', isProduction: config.isProduction });
  let runner: CallRunner | undefined;
  let webhooks: Webhooks | undefined;
  const webhooksOf = (own: PaymentsServices, platform: Platform) => {
    webhooks ??= createWebhooks(platform, own);
    return webhooks;
  };
  const services = ({ log }: Platform): OwnServices => ({
    settings: settingsOf(config),
    adapters: stripe ? { STRIPE: stripe } : {},
    log,
    wakeCalls: () => runner?.wake(),
    crashPoint,
    close: async () => stripe?.close(),
  });
  return defineSubgraph<PaymentsServices>({
    name: 'payments',
    config,
    services,
    resolvers: [
      PaymentResolver,
      PaymentAttemptResolver,
      PaymentRetriedResolver,
      PaymentAttentionSettledResolver,
      OrderPaymentsResolver,
      RefundResolver,
      RefundCreatedResolver,
      ...topUpResolvers,
      ...methodResolvers,
      ...disputeResolvers,
      ...fraudResolvers,
      ...reconciliationResolvers,
    ],
    references: {
      Payment: ({ id }, context) => context.load(visiblePayment, id),
      Order: ({ id }) => (isId('order', id) ? new OrderStub(id) : null),
      User: ({ id }) => (isId('user', id) ? new UserStub(id) : null),
    },
    entities: [
      PaymentEntity,
      PaymentEventEntity,
      AttemptEntity,
      RefundEntity,
      WalletEntity,
      LedgerCommandEntity,
      ProviderCallEntity,
      PaymentMethodEntity,
      ...disputeEntities,
      ...webhookEntities,
      ...fraudEntities,
    ],
    migrations,
    handlers,
    workers: (own, platform) => [...workersOf(own, config), ...webhooksOf(own, platform).workers],
    routes: (own, platform) => webhooksOf(own, platform).routes,
    background: (own, platform): readonly BackgroundWork[] => {
      runner = createCallRunner({ orm: platform.orm, services: own, handlers: callHandlers, concurrency: config.providerConcurrency });
      return [...webhooksOf(own, platform).loops, createDailyReconciliation({ ...platform, services: own }), runner];
    },
  });
}

function stripeOf(config: PaymentsConfig): StripeAdapter | null {
  const { stripeSecretKey, stripeWebhookSecrets, stripePublishableKey, stripeApiBase, providerTimeoutMs, webhookToleranceS } = config;
  if (!stripeSecretKey) return null;
  if (stripeWebhookSecrets.length === 0) {
    const text = 'is missing: expected the signing secret of the webhook endpoint (whsec_…), because STRIPE_SECRET_KEY is set';
    throw new ConfigError('payments', [{ variable: 'STRIPE_WEBHOOK_SECRET', text }]);
  }
  if (config.isProduction && !config.publicUrl && !config.returnUrl) {
    const text = 'is missing: expected the address of the gateway, to which customers come back from the payment page';
    throw new ConfigError('payments', [{ variable: 'PUBLIC_URL', text }]);
  }
  if (config.isProduction && stripeApiBase && leavesInTheClear(stripeApiBase)) {
    const text = 'is not valid: expected https (or a host of this machine) in production, where keys and money go there';
    throw new ConfigError('payments', [{ variable: 'STRIPE_API_BASE', text }]);
  }
  return createStripeAdapter({
    secretKey: stripeSecretKey,
    webhookSecrets: stripeWebhookSecrets,
    publishableKey: stripePublishableKey ?? null,
    ...(stripeApiBase ? { apiBase: stripeApiBase } : {}),
    timeoutMs: providerTimeoutMs,
    toleranceS: webhookToleranceS,
  });
}

function leavesInTheClear(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && !['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
}

function settingsOf(config: PaymentsConfig): PaymentsServices['settings'] {
  const { feeBasisPoints, walletWaitMs, answerTimeoutMs, maxSends, providerRetryMs, maxProviderFailures, providerPollMs } = config;
  const { providerTimeoutMs, reviewWindowMs, fraud, eventsSecret, publicUrl } = config;
  const returnUrl = config.returnUrl ?? `${publicUrl ?? LOCAL_GATEWAY}/pay/return`;
  return {
    ...{ feeBasisPoints, walletWaitMs, answerTimeoutMs, maxSends, providerRetryMs, maxProviderFailures, providerPollMs },
    ...{ providerTimeoutMs, reviewWindowMs, fraud, eventsSecret, returnUrl },
  };
}

const callHandlers: CallHandlers = {
  OPEN_ATTEMPT: openAttempt,
  READ_ATTEMPT: readAttempt,
  CLOSE_ATTEMPT: closeAttempt,
  REFUND: refundCall,
  READ_DISPUTE: readDispute,
  OPEN_METHOD: openMethod,
  READ_METHOD: readMethod,
  REMOVE_METHOD: removeMethod,
};

function workersOf(services: PaymentsServices, { answerTimeoutMs }: PaymentsConfig): readonly Worker[] {
  const worker = (name: string, intervalMs: number, round: (act: Act) => Promise<boolean>): Worker => ({
    name,
    intervalMs,
    run: (unit) => round(actOfWorker(unit, services)),
  });
  return [
    worker('start-waiting-attempts', WAITING_INTERVAL_MS, startWaitingAttempts),
    worker('complete-ledger-commands', Math.min(COMPLETER_INTERVAL_MS, answerTimeoutMs), completeCommands),
    worker('lapse-reviews', LAPSE_INTERVAL_MS, lapseReviews),
    worker('end-top-ups', LAPSE_INTERVAL_MS, endTopUps),
  ];
}

function handlers(services: PaymentsServices): EventHandlers {
  const acting =
    <T extends EventType>(handler: (event: ReceivedEvent<T>, act: Act) => Promise<void>) =>
    (event: ReceivedEvent<T>, unit: UnitOfWork): Promise<void> =>
      handler(event, actOfEvent(event, unit, services));
  return {
    PaymentRequested: acting(onPaymentRequested),
    CaptureRequested: acting(onCaptureRequested),
    VoidRequested: acting(onVoidRequested),
    RefundRequested: acting(onRefundRequested),
    UserRegistered: acting(onUserRegistered),
    WalletOpened: acting(onWalletOpened),
    WalletClosed: acting(onWalletClosed),
    HoldPlaced: acting<'HoldPlaced'>(onHoldFact),
    HoldPosted: acting<'HoldPosted'>(async (event, act) => {
      await onClearingMoved(event, act);
      await onHoldFact(event, act);
    }),
    // What users send each other, thousands a second, touches no clearing account.
    TransferPosted: { concerns: mayMoveClearing, handle: acting<'TransferPosted'>(onClearingMoved) },
    HoldVoided: acting<'HoldVoided'>(onHoldFact),
    HoldExpired: acting<'HoldExpired'>(onHoldFact),
    HoldRefused: acting<'HoldRefused'>(onRefusal),
    PostingRefused: acting<'PostingRefused'>(onRefusal),
    PostingCompleted: acting(onPostingCompleted),
  };
}
