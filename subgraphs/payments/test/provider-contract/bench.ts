import { expect } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import type { AttemptReference, AttemptReport, OpenAttempt, ProviderAdapter, ProviderAmount } from '../../src/provider/provider-adapter.ts';

/** What a bench may have the means for. A provider's test mode lets no program type into a page, lose an answer or hurry a bank. */
export type Capability =
  | 'PAGES'
  | 'METHOD_PAGES'
  | 'IN_PAGE'
  | 'SAVED_CARDS'
  | 'REFUNDS'
  | 'SLOW_REFUNDS'
  | 'DISPUTES'
  /** Nobody else uses the account, so its books can be told to the unit. */
  | 'BOOKS'
  | 'WEBHOOKS'
  | 'TROUBLE';

/** `REFUSED_WHEN_AWAY` and `ASKS_WHEN_AWAY` can be saved; a charge without the customer is then declined, or wants to be authenticated. */
export type Card = 'PAYS' | 'DECLINED' | 'NO_FUNDS' | 'REFUSED_WHEN_AWAY' | 'ASKS_WHEN_AWAY' | 'DISPUTED' | 'REFUNDED_SLOWLY';

type ToPay = Extract<AttemptReport, { kind: 'ACTION_REQUIRED' }>;

/** How a customer acts. Resolves when the provider has answered, also when it declined; rejects when there is nothing to act on. */
export interface Person {
  payPage(report: ToPay, card: Card): Promise<void>;
  /** The bank takes its time: it is asked when this resolves, and has answered when the inner promise does. */
  payPageSlowly(report: ToPay, card: Card): Promise<{ readonly answered: Promise<void> }>;
  confirmInPage(report: ToPay, card: Card): Promise<void>;
  saveOnPage(url: string, card: Card): Promise<void>;
  /** Saves a card in whichever way is quickest. @returns its id at the provider */
  saveCard(providerCustomerId: string, card: Card): Promise<string>;
}

/** What happens behind the provider. */
export interface Bank {
  decideDispute(providerDisputeId: string, outcome: 'WON' | 'LOST'): Promise<void>;
  finishRefund(providerRefundId: string, outcome: 'SUCCEEDED' | 'FAILED'): Promise<void>;
}

export interface Delivery {
  readonly body: Buffer;
  readonly signature: string;
}

/** Webhooks as they arrive. The adapter knows the current secret and the next one. */
export interface Post {
  /** One that the provider has sent about this attempt. */
  delivered(attemptId: string): Promise<Delivery>;
  /** From now on the next secret signs. */
  rotate(): Promise<void>;
  /** The same, well signed, an hour ago. */
  old(delivery: Delivery): Delivery;
  /** The same, signed by somebody else. */
  forged(delivery: Delivery): Delivery;
}

/** What goes wrong between us and the provider, until `calm`. */
export interface Trouble {
  /** Requests are executed, their answers get lost. */
  loseAnswers(): Promise<void>;
  /** Requests are executed, their answers come later than the adapter waits. */
  answerLate(): Promise<void>;
  /** An adapter for a provider where nobody listens. */
  unreachable(): ProviderAdapter;
  /** An adapter with a key that the provider does not know. */
  withoutKey(): ProviderAdapter;
  calm(): Promise<void>;
}

export interface ProviderBench {
  readonly adapter: ProviderAdapter;
  readonly person: Person;
  readonly bank: Bank;
  readonly post: Post;
  readonly trouble: Trouble;
  /** How many objects that take money the provider has of an attempt. */
  countOf(attemptId: string): Promise<number>;
  close(): Promise<void>;
}

/** Known once the suite runs. */
export type Bench = () => ProviderBench;

export const usd = (minor: bigint): ProviderAmount => ({ currency: 'USD', minor });

export function anAttempt(amount: ProviderAmount = usd(12_345n)): OpenAttempt {
  return {
    attemptId: newId('attempt'),
    paymentId: newId('payment'),
    orderId: newId('order'),
    amount,
    description: 'An order',
    firstAskedAt: new Date(),
    returnUrl: 'https://shop.example/paid',
    cancelUrl: 'https://shop.example/left',
  };
}

/** Keys are row ids in the product; any text that is new will do. */
export const aKey = (): string => newId('attempt');

export function referenceTo({ attemptId }: OpenAttempt, { sessionId, intentId }: AttemptReport): AttemptReference {
  return { attemptId, sessionId, intentId };
}

export function expectToPay(report: AttemptReport): ToPay {
  expect(report.kind).toBe('ACTION_REQUIRED');
  return report as ToPay; // just asserted
}

export function expectPaid(report: AttemptReport): Extract<AttemptReport, { kind: 'SUCCEEDED' }> & { readonly intentId: string } {
  expect(report).toMatchObject({ kind: 'SUCCEEDED', intentId: expect.any(String) });
  return report as Extract<AttemptReport, { kind: 'SUCCEEDED' }> & { readonly intentId: string }; // just asserted
}

/** An attempt that is paid, in the way that every bench has. */
export async function aPaidAttempt({ adapter, person }: ProviderBench, amount?: ProviderAmount, card: Card = 'PAYS') {
  const request = anAttempt(amount);
  const opened = expectToPay(await adapter.openIntent(request, aKey()));
  await person.confirmInPage(opened, card);
  return { request, paid: expectPaid(await adapter.readAttempt(referenceTo(request, opened))) };
}

export const SECOND_MS = 1_000;

/** The provider's books count in whole seconds: the window begins with the next one. */
export async function nextSecond(): Promise<Date> {
  const at = (Math.floor(Date.now() / SECOND_MS) + 1) * SECOND_MS;
  await new Promise((resolve) => setTimeout(resolve, at - Date.now() + 1));
  return new Date(at);
}
