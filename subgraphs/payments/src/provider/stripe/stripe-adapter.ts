import { cardAmountProblem } from '@tessera/schema/contract';
import type { ProviderAdapter } from '../provider-adapter.ts';
import { closeAttempt, findAttempt, readAttempt } from './attempts.ts';
import { type ClientOptions, createClient } from './client.ts';
import { readDispute } from './disputes.ts';
import { eventsSince } from './events-since.ts';
import { chargeSaved, openIntent } from './intents.ts';
import { openCustomer, openMethodPage, readMethod, removeMethod } from './methods.ts';
import { movements } from './movements.ts';
import { findRefund, openRefund, readRefund } from './refunds.ts';
import type { MethodTypes } from './requests.ts';
import { openPage } from './sessions.ts';
import { verifyWebhook } from './webhook.ts';

export interface StripeAdapterOptions extends ClientOptions {
  /** Of the webhook endpoint; several while one is being replaced. With none every delivery is refused. */
  readonly webhookSecrets: readonly string[];
  readonly publishableKey: string | null;
  /** How old a signed delivery may be. */
  readonly toleranceS: number;
  /** What pages and clients may pay with; cards unless named. */
  readonly paymentMethodTypes?: MethodTypes;
}

export interface StripeAdapter extends ProviderAdapter {
  /** Ends the connections that are kept. */
  close(): void;
}

/** @throws RangeError for a blank webhook secret or a tolerance that lets in everything. Connects nothing. */
export function createStripeAdapter(options: StripeAdapterOptions): StripeAdapter {
  const { webhookSecrets, publishableKey, toleranceS, paymentMethodTypes = ['card'] } = options;
  if (webhookSecrets.some((secret) => secret.trim() === '')) throw new RangeError('A webhook secret is blank.');
  if (!(toleranceS > 0)) throw new RangeError('The tolerance of webhooks must be more than 0 seconds.');
  const { stripe, close } = createClient(options);
  return {
    name: 'STRIPE',
    publishableKey,
    chargeable: cardAmountProblem,

    openPage: (request, key) => openPage(stripe, paymentMethodTypes, request, key),
    openIntent: (request, key) => openIntent(stripe, paymentMethodTypes, request, key),
    chargeSaved: (request, key) => chargeSaved(stripe, request, key),
    readAttempt: (reference) => readAttempt(stripe, reference),
    closeAttempt: (reference, key) => closeAttempt(stripe, reference, key),
    findAttempt: (attemptId, since) => findAttempt(stripe, attemptId, since),

    refund: (request, key) => openRefund(stripe, request, key),
    readRefund: (providerRefundId) => readRefund(stripe, providerRefundId),
    findRefund: (request) => findRefund(stripe, request),

    readDispute: (providerDisputeId) => readDispute(stripe, providerDisputeId),

    openCustomer: (userId, key) => openCustomer(stripe, userId, key),
    openMethodPage: (request, key) => openMethodPage(stripe, request, key),
    readMethod: (sessionId) => readMethod(stripe, sessionId),
    removeMethod: (providerMethodId) => removeMethod(stripe, providerMethodId),

    verifyWebhook: (body, signature) => verifyWebhook(webhookSecrets, toleranceS, body, signature),
    eventsSince: (since) => eventsSince(stripe, since),
    movements: (from, to, signal) => movements(stripe, from, to, signal),

    close,
  };
}
