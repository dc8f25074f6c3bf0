import { randomUUID } from 'node:crypto';
import type { TestLedger, TestUser } from './a-ledger.ts';

export const BATCH = `mutation ($input: TransferBatchCreateInput!) {
  transferBatchCreate(input: $input) {
    __typename
    ... on Problem { code message path }
    ... on IdempotencyKeyReused { differingFields }
    ... on InvalidInput { issues { path code } }
    ... on RateLimited { retryAfterMs }
    ... on TransferBatchRefused { itemIndex reason { __typename ... on Problem { path } ... on InsufficientFunds { available { minor } } } }
    ... on TransferBatchCreated {
      createdCount
      results {
        __typename
        ... on Problem { code path }
        ... on IdempotencyKeyReused { differingFields }
        ... on TransferCreated { transfer { id amount { minor } note } }
      }
    }
  }
}`;

export interface BatchResult {
  readonly __typename: string;
  readonly code?: string;
  readonly path?: readonly string[] | null;
  readonly differingFields?: readonly string[];
  readonly transfer?: { readonly id: string; readonly amount: { readonly minor: string }; readonly note: string | null };
}

export interface BatchAnswer {
  readonly __typename: string;
  readonly code?: string;
  readonly message?: string;
  readonly differingFields?: readonly string[];
  readonly issues?: readonly { readonly path: readonly string[]; readonly code: string }[];
  readonly retryAfterMs?: number;
  readonly itemIndex?: number;
  readonly reason?: BatchResult;
  readonly createdCount?: number;
  readonly results?: readonly BatchResult[];
}

export const usd = (minor: string) => ({ currency: 'USD', minor });
export const anItem = (to: object, minor: string, more: object = {}) => ({ to, amount: usd(minor), ...more });

/** Sends a batch that the user's wallet pays, as a vendor. */
export async function sendBatch(ledger: TestLedger, from: TestUser, items: readonly object[], more: object = {}): Promise<BatchAnswer> {
  const input = { fromWalletId: from.walletId, items, idempotencyKey: randomUUID(), ...more };
  const { data, errors } = await ledger.ask(payer(from), BATCH, { input });
  if (errors) throw new Error(JSON.stringify(errors));
  return (data as { transferBatchCreate: BatchAnswer }).transferBatchCreate;
}

/** The user with the right to send batches. */
export function payer({ viewer }: TestUser): TestUser['viewer'] {
  return { ...viewer, scopes: new Set([...viewer.scopes, 'transfers:batch' as const]) };
}

export const kindsOf = ({ results = [] }: BatchAnswer): string[] => results.map(({ __typename }) => __typename);
