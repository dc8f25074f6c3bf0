import type { GraphFault } from './ask.ts';

/** As the issue of the walking supergraph selects it: fields of four subgraphs. */
export const ORDERS = `subscription Orders($orderId: ID, $after: Cursor) { orderUpdated(orderId: $orderId, after: $after) {
  cursor sequence kind isReplayed
  order { id lines { title variant { product { title } } } payments { state } ledgerTransfers { amount { minor } } }
} }`;
export const BALANCES = `subscription Balances($walletId: ID, $after: Cursor) { balanceUpdated(walletId: $walletId, after: $after) {
  cursor sequence kind isReplayed balance { minor } available { minor } wallet { id } transfer { id amount { minor } }
} }`;

export interface Frame<Event> {
  readonly data: Event | null;
  readonly errors?: readonly GraphFault[];
}
export interface OrderEvent {
  readonly orderUpdated: {
    readonly cursor: string;
    readonly kind: string;
    readonly order: {
      readonly id: string;
      readonly lines: readonly { readonly title: string; readonly variant: { readonly product: { readonly title: string } } | null }[];
      readonly payments: readonly { readonly state: string }[] | null;
      readonly ledgerTransfers: readonly { readonly amount: { readonly minor: string } }[] | null;
    } | null;
  };
}
export interface BalanceEvent {
  readonly balanceUpdated: {
    readonly cursor: string;
    readonly sequence: number;
    readonly kind: string;
    readonly isReplayed: boolean;
    readonly balance: { readonly minor: string };
    readonly available: { readonly minor: string };
    readonly transfer: { readonly amount: { readonly minor: string } } | null;
  };
}

export function isGapless(sequences: readonly number[]): boolean {
  return sequences.every((sequence, index) => index === 0 || sequence === (sequences[index - 1] ?? 0) + 1);
}
