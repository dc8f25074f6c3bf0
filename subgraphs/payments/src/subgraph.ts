import type { EventType } from '@tessera/schema/contract';
import { isId } from '@tessera/service-kit/ids';
import type { EventHandlers, ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { defineSubgraph, type Subgraph } from '@tessera/service-kit/subgraph';
import { AttemptEntity } from './attempt/attempt.entity.ts';
import { startWaitingAttempts } from './attempt/start-waiting-attempts.ts';
import type { PaymentsConfig } from './config.ts';
import { OrderStub } from './foreign/order.ts';
import { onHoldFact, onPostingCompleted, onRefusal } from './ledger/answers.ts';
import { completeCommands } from './ledger/complete-commands.ts';
import { LedgerCommandEntity } from './ledger/ledger-command.entity.ts';
import { migrations } from './migrations/index.ts';
import { onCaptureRequested } from './payment/on-capture-requested.ts';
import { onPaymentRequested } from './payment/on-payment-requested.ts';
import { onVoidRequested } from './payment/on-void-requested.ts';
import { PaymentEntity } from './payment/payment.entity.ts';
import { visiblePayment } from './payment/payment.loader.ts';
import { OrderPaymentsResolver, PaymentAttemptResolver, PaymentResolver, PaymentRetriedResolver } from './payment/payment.resolver.ts';
import { PaymentEventEntity } from './payment/payment-event.entity.ts';
import { onRefundRequested } from './refund/on-refund-requested.ts';
import { RefundEntity } from './refund/refund.entity.ts';
import { RefundCreatedResolver, RefundResolver } from './refund/refund.resolver.ts';
import { type Act, actOfEvent, actOfWorker, type PaymentsServices } from './services.ts';
import { onWalletClosed } from './wallet/on-wallet-closed.ts';
import { onWalletOpened } from './wallet/on-wallet-opened.ts';
import { WalletEntity } from './wallet/wallet.entity.ts';

export { paymentsConfig as configShape } from './config.ts';
export type { PaymentsServices } from './services.ts';

const WAITING_INTERVAL_MS = 200;
const COMPLETER_INTERVAL_MS = 1_000;

/** The composition root, the package's only export. */
export function createSubgraph(config: PaymentsConfig): Subgraph<PaymentsServices> {
  const { feeBasisPoints, walletWaitMs, answerTimeoutMs, maxSends } = config;
  return defineSubgraph<PaymentsServices>({
    name: 'payments',
    config,
    services: () => ({ settings: { feeBasisPoints, walletWaitMs, answerTimeoutMs, maxSends } }),
    resolvers: [
      PaymentResolver,
      PaymentAttemptResolver,
      PaymentRetriedResolver,
      OrderPaymentsResolver,
      RefundResolver,
      RefundCreatedResolver,
    ],
    references: {
      Payment: ({ id }, context) => context.load(visiblePayment, id),
      Order: ({ id }) => (isId('order', id) ? new OrderStub(id) : null),
    },
    entities: [PaymentEntity, PaymentEventEntity, AttemptEntity, RefundEntity, WalletEntity, LedgerCommandEntity],
    migrations,
    handlers,
    workers: (services) => [
      { name: 'start-waiting-attempts', intervalMs: WAITING_INTERVAL_MS, run: (unit) => startWaitingAttempts(actOfWorker(unit, services)) },
      {
        name: 'complete-ledger-commands',
        intervalMs: Math.min(COMPLETER_INTERVAL_MS, answerTimeoutMs),
        run: (unit) => completeCommands(actOfWorker(unit, services)),
      },
    ],
  });
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
    WalletOpened: acting(onWalletOpened),
    WalletClosed: acting(onWalletClosed),
    HoldPlaced: acting<'HoldPlaced'>(onHoldFact),
    HoldPosted: acting<'HoldPosted'>(onHoldFact),
    HoldVoided: acting<'HoldVoided'>(onHoldFact),
    HoldExpired: acting<'HoldExpired'>(onHoldFact),
    HoldRefused: acting<'HoldRefused'>(onRefusal),
    PostingRefused: acting<'PostingRefused'>(onRefusal),
    PostingCompleted: acting(onPostingCompleted),
  };
}
