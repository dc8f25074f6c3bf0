import type { EventPayload } from '@tessera/schema/contract';
import { ensure, InvariantViolation } from '@tessera/service-kit/errors';
import { PaymentClientActionKindEnum } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { idRule } from '../input-rules.ts';
import type { CheckoutCompleteInput } from './checkout.type.ts';

/** What payments is told about how the customer wants to pay. */
export type TenderChoice = Pick<EventPayload<'PaymentRequested'>, 'tender' | 'walletId' | 'paymentMethodId' | 'clientMode'>;

export const tenderRules = {
  tender: z.enum(['WALLET', 'CARD'], 'only WALLET and CARD are taken so far'),
  walletId: idRule('wallet').nullish(),
  paymentMethodId: idRule('paymentMethod').nullish(),
  clientMode: z.enum(PaymentClientActionKindEnum).nullish(),
};

type TenderInput = Pick<CheckoutCompleteInput, 'tender' | 'walletId' | 'paymentMethodId' | 'clientMode'>;

/** What belongs together: a wallet to WALLET, a saved card to CARD. Null when all is well. */
export function misfitOf({
  tender,
  walletId,
  paymentMethodId,
}: TenderInput): { readonly path: string; readonly code: 'required' | 'custom'; readonly message: string } | null {
  if (tender === 'WALLET' && !walletId) return { path: 'walletId', code: 'required', message: 'must name the wallet to pay from' };
  if (tender === 'CARD' && walletId) return { path: 'walletId', code: 'custom', message: 'must be left out with tender CARD' };
  if (tender !== 'CARD' && paymentMethodId)
    return { path: 'paymentMethodId', code: 'custom', message: 'must be left out unless the tender is CARD' };
  return null;
}

/** Of input that the rules have let through. */
export function tenderChoiceOf({ tender, walletId, paymentMethodId, clientMode }: TenderInput): TenderChoice {
  const choice = { walletId: null, paymentMethodId: null, clientMode: 'HOSTED_PAGE' } as const;
  if (tender === 'WALLET') return { ...choice, tender, walletId: ensure(walletId, 'a wallet that the rules asked for') };
  if (tender !== 'CARD') throw new InvariantViolation(`the rules let ${tender} through`);
  return { ...choice, tender, paymentMethodId: paymentMethodId ?? null, clientMode: clientMode ?? 'HOSTED_PAGE' };
}
