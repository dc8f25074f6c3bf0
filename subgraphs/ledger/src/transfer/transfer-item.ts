import { ensure } from '@tessera/service-kit/errors';
import type { KeyedCall } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { type Leg, MAX_MINOR, type PostRequest, receiverOf } from '../engine/index.ts';
import { plainText } from '../plain-text.ts';
import { handleKeyOf } from '../recipient/recipient.ts';
import type { LedgerServices } from '../services.ts';
import type { AskedParties, Parties } from './parties.ts';
import type { TransferRecipientInput } from './transfer-create.type.ts';

/** One amount for one recipient, alone or among others: its rules, and what is asked of the engine. */
export interface TransferItem {
  readonly fromWalletId: string;
  readonly to: TransferRecipientInput;
  readonly amount: { readonly currency: string; readonly minor: bigint };
  readonly note?: string | null | undefined;
}

const MAX_ID = 100;
const MAX_HANDLE = 64;
const MAX_EMAIL = 254;

export const walletIdRule = z.string().min(1).max(MAX_ID);

export const itemRules = {
  to: z
    .object({
      email: z.string().max(MAX_EMAIL).nullish(),
      handle: z.string().trim().min(1).max(MAX_HANDLE).nullish(),
      walletId: walletIdRule.nullish(),
    })
    .refine(
      (to) => [to.email, to.handle, to.walletId].filter((value) => (value ?? null) !== null).length === 1,
      'exactly one of email, handle and walletId',
    ),
  amount: z.object({ minor: z.bigint().min(1n, 'more than 0').max(MAX_MINOR) }),
  note: plainText.nullish(),
};

/** What holds for every order to send money, now or later. */
export const transferRules = z.object({ fromWalletId: walletIdRule, ...itemRules });

export function askedOf(
  { fromWalletId, to, amount }: TransferItem,
  { viewer, services, now }: Pick<KeyedCall<LedgerServices>, 'viewer' | 'services' | 'now'>,
): AskedParties {
  return {
    senderId: ensure(viewer.userId, 'the user of an authenticated mutation'),
    fromWalletId,
    currency: amount.currency,
    toWalletId: to.walletId ?? null,
    emailKey: to.email ? services.emailKeyOf(to.email) : null,
    handleKey: to.handle ? handleKeyOf(to.handle) : null,
    now,
  };
}

/** What is wrong with the paying side, certain before the engine sees it. */
export function senderRefusal({ from }: Parties, { amount }: TransferItem): PostRequest['refusedFor'] | null {
  if (!from) return 'ACCOUNT_NOT_FOUND';
  if (from.isClosed) return 'ACCOUNT_CLOSED';
  return from.currency === amount.currency ? null : 'CURRENCY_MISMATCH';
}

/** A known user without a wallet in the currency gets one with the transfer, if it is accepted; null where nobody is known. */
export function receiving({ toWalletId, toUserId }: Parties, currency: string): string | null {
  if (toWalletId) return toWalletId;
  return toUserId === null ? null : receiverOf(toUserId, currency);
}

export function legOf({ fromWalletId, amount, note }: TransferItem, to: string): Leg {
  const { currency, minor } = amount;
  return {
    kind: 'MOVE',
    debit: fromWalletId,
    credit: to,
    amount: { currency, minor },
    code: 'TRANSFER',
    note: note?.trim() ?? null,
  };
}
