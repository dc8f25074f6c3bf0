import { networkOf, recognitionKey } from '@tessera/service-kit/crypto';
import { ensure } from '@tessera/service-kit/errors';
import { Money, RateLimited, refuseInvalid } from '@tessera/service-kit/graphql';
import { newId } from '@tessera/service-kit/ids';
import { z } from 'zod';
import { addAttempt, startAttempt } from '../attempt/start-attempt.ts';
import { idOf } from '../input-rules.ts';
import { newPayment } from '../payment/new-payment.ts';
import { PaymentEntity } from '../payment/payment.entity.ts';
import { CardsNotAvailable, CurrencyMismatch } from '../payment/payment-problems.ts';
import { record } from '../payment/record.ts';
import { CARD_PROVIDER } from '../provider/card/card-provider.ts';
import { type Act, actOfUseCase, type PaymentsUseCaseContext } from '../services.ts';
import { WalletEntity } from '../wallet/wallet.entity.ts';
import { AccountClosed, AmountNotChargeable, TopUpCreated, type TopUpCreateInput, WalletNotFound } from './top-up.type.ts';

/** How long a top-up waits for its money; then it is closed at the provider. */
const DEADLINE_MS = 30 * 60_000;
/** Top-ups that one user may have begun within the last hour: each is an object at the provider. */
const MAX_BEGUN = 20;
const HOUR_MS = 3_600_000;

const rules = z.object({
  walletId: idOf('wallet'),
  amount: z.object({ minor: z.bigint().positive('must be more than nothing') }),
  paymentMethodId: idOf('paymentMethod').nullish(),
});

/** Starts to put money from a card into a wallet of the caller; it is there once the provider has it. */
export async function topUpCreate(input: TopUpCreateInput, context: PaymentsUseCaseContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const act = actOfUseCase(context);
  const customerId = ensure(context.viewer.userId, 'the user of an authenticated mutation');
  const wallet = await act.em.findOne(WalletEntity, { id: input.walletId, ownerId: customerId });
  if (!wallet) return new WalletNotFound();
  if (wallet.isClosed) return new AccountClosed(['input', 'walletId']);
  if (wallet.currency !== input.amount.currency) return new CurrencyMismatch();
  const since = new Date(act.now.getTime() - HOUR_MS);
  const begun = await act.em.count(PaymentEntity, { customerId, topUpWalletId: { $ne: null }, createdAt: { $gte: since } });
  if (begun >= MAX_BEGUN) return new RateLimited(HOUR_MS);
  return problemOf(input, act) ?? new TopUpCreated(await start(input, customerId, context.viewer.clientAddress, act));
}

function problemOf({ amount: { currency, minor } }: TopUpCreateInput, act: Act) {
  const adapter = act.adapters[CARD_PROVIDER];
  if (!adapter) return new CardsNotAvailable();
  const problem = adapter.chargeable({ currency, minor });
  if (!problem) return null;
  const { kind, minimumMinor, maximumMinor } = problem;
  return new AmountNotChargeable(new Money(currency, minimumMinor), new Money(currency, maximumMinor), kind === 'NOT_A_STEP');
}

async function start(input: TopUpCreateInput, customerId: string, clientAddress: string | null, act: Act): Promise<string> {
  const addressKey = clientAddress === null ? null : recognitionKey(act.settings.eventsSecret, 'client-address', networkOf(clientAddress));
  const payment = newPayment(
    {
      id: newId('payment'),
      orderId: null,
      topUpWalletId: input.walletId,
      customerId,
      currency: input.amount.currency,
      amountMinor: input.amount.minor,
      shares: [],
      description: 'Wallet top-up',
      risk: { addressKey, shippingKey: null, shippingCountry: null },
      deadline: new Date(act.now.getTime() + DEADLINE_MS),
    },
    act,
  );
  const { paymentMethodId, clientMode } = input;
  const wish = { paymentMethodId: paymentMethodId ?? null, clientMode: clientMode ?? 'HOSTED_PAGE' } as const;
  const attempt = addAttempt(payment, { number: 1, tender: 'CARD', ...wish }, act);
  record(payment, { kind: 'REQUESTED', attemptId: attempt.id }, act);
  await startAttempt({ payment, attempt }, act);
  return payment.id;
}
