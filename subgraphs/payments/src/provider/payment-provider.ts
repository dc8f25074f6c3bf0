import type { AttemptEntity } from '../attempt/attempt.entity.ts';
import type { LockedPayment } from '../payment/lock-payment.ts';
import type { PaymentEntity } from '../payment/payment.entity.ts';
import type { RefundEntity } from '../refund/refund.entity.ts';
import type { Act, PaymentsServices } from '../services.ts';
import type { ClientAction, ProviderName } from './provider-name.ts';

export type Authorisation =
  /** The tender was asked; its answer comes as a signal. */
  | { readonly kind: 'ASKED' }
  /** Nothing to ask: the money is there already. */
  | { readonly kind: 'GRANTED' }
  /** Something is not known yet that may become known; after a bound it is a refusal for this reason. */
  | { readonly kind: 'WAITING'; readonly reason: string }
  | { readonly kind: 'REFUSED'; readonly reason: string };

export type Asked = 'ASKED' | 'DONE';
export type RefundAnswer = { readonly kind: 'ASKED' } | { readonly kind: 'REFUSED'; readonly reason: string };

/**
 * A way to get money and to give it back. Methods run in the transaction that holds the payment's lock, so they never call out: they write
 * down what is to be asked (a command, a call for a worker), under a key made from the attempt's or refund's id. Answers come later, as
 * signals for `settle` and `settleRefund`, and may come twice, late or in any order.
 */
export interface PaymentProvider {
  /** Who moves the money outside; null for money that stays in the platform. */
  readonly name: ProviderName | null;
  authorise(subject: LockedPayment, act: Act): Promise<Authorisation>;
  /** Takes what was authorised, whole. */
  capture(subject: LockedPayment, act: Act): Promise<Asked>;
  /** Gives up what was authorised. */
  void(subject: LockedPayment, act: Act): Promise<Asked>;
  refund(payment: PaymentEntity, refund: RefundEntity, act: Act): Promise<RefundAnswer>;
  clientAction(payment: PaymentEntity, attempt: AttemptEntity, adapters: PaymentsServices['adapters']): ClientAction | null;
}
