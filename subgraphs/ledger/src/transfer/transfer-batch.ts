import { type InvalidInput, type KeyedCall, refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import type { PostRequest } from '../engine/index.ts';
import type { LedgerServices } from '../services.ts';
import type { AskedParties } from './parties.ts';
import type { AskedAt } from './transfer-answer.ts';
import { MAX_ITEMS, type TransferBatchCreateInput } from './transfer-batch-create.type.ts';
import { askedOf, itemRules, type TransferItem, walletIdRule } from './transfer-item.ts';

const MAX_KEY = 128;
const itemKey = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'visible ASCII characters')
  .max(MAX_KEY);

const rules = z
  .object({
    fromWalletId: walletIdRule.nullish(),
    items: z
      .array(z.object({ fromWalletId: walletIdRule.nullish(), ...itemRules, idempotencyKey: itemKey.nullish() }))
      .min(1, 'at least one transfer')
      .max(MAX_ITEMS, `at most ${MAX_ITEMS} transfers`),
    atomic: z.boolean().nullish(),
  })
  .superRefine(({ fromWalletId, items, atomic }, { addIssue }) => {
    const refuse = (at: number, field: string, code: string, message: string): void =>
      addIssue({ code: 'custom', params: { code }, path: ['items', at, field], message });
    const places = new Map<string, number>();
    for (const [at, item] of items.entries()) {
      if (!fromWalletId && !item.fromWalletId)
        refuse(at, 'fromWalletId', 'missing', 'name the wallet that pays here or for the whole batch');
      if (!item.idempotencyKey) continue;
      const earlier = places.get(item.idempotencyKey);
      if (atomic) refuse(at, 'idempotencyKey', 'not_allowed', 'an atomic batch has one key, its own: leave the keys of items out');
      else if (earlier !== undefined)
        refuse(at, 'idempotencyKey', 'duplicate', `item ${earlier} has the same key: each payment needs its own`);
      places.set(item.idempotencyKey, earlier ?? at);
    }
  });

/** What is malformed, in an item or between them; nothing is written for such a batch. */
export function refuseBatch(input: TransferBatchCreateInput): InvalidInput | null {
  return refuseInvalid(rules, input);
}

export interface BatchItem extends TransferItem {
  readonly asked: AskedParties;
  readonly at: AskedAt;
  /** The key of this item, and what makes it the same. */
  readonly fact: Pick<PostRequest, 'scope' | 'key' | 'fingerprint'>;
}

/**
 * The items as the engine knows them. A key of the client's own is one payment for ever, in whatever batch it comes, and remembers what was
 * asked; without one the item is known by the batch and its place, and the batch remembers.
 */
export function batchItems({ fromWalletId: common = '', items }: TransferBatchCreateInput, call: KeyedCall<LedgerServices>): BatchItem[] {
  const { principal } = call.viewer;
  return items.map((input, place) => {
    const path = ['input', 'items', String(place)];
    const item: TransferItem = { fromWalletId: input.fromWalletId ?? common, to: input.to, amount: input.amount, note: input.note };
    const asked = askedOf(item, call);
    return {
      ...item,
      asked,
      at: { path, currency: input.amount.currency, ...(input.fromWalletId ? {} : { fromPath: ['input', 'fromWalletId'] }) },
      fact: input.idempotencyKey
        ? { scope: `${principal}/transferBatchItem`, key: input.idempotencyKey, fingerprint: fingerprintOf(item, asked) }
        : { scope: `${principal}/transferBatchCreate/${call.key}`, key: String(place), fingerprint: {} },
    };
  });
}

/** By path within the item. Nothing here says more than the row of the transfer does. */
function fingerprintOf({ fromWalletId, amount, note }: TransferItem, { toWalletId, emailKey, handleKey }: AskedParties) {
  const fields = {
    fromWalletId,
    'to.walletId': toWalletId,
    'to.email': emailKey,
    'to.handle': handleKey,
    'amount.currency': amount.currency,
    'amount.minor': amount.minor.toString(),
    note: note?.trim(),
  };
  return Object.fromEntries(Object.entries(fields).flatMap(([path, value]) => (value ? [[path, value]] : [])));
}
