import type { EventPayload, EventType } from './events.ts';

type Texts = readonly (string | null)[];
type Made = (aggregateId: string, texts: Texts) => Readonly<Record<string, unknown>>;

/** Payloads that go to the streams as bare texts where many are told at once; the order of the texts may only grow at its end. */
export const packedPayloads: Partial<Record<EventType, Made>> = { TransferPosted: movementOf };

/** As the function `tell_pack` of the ledger writes them. Whoever handles the event checks what is made here, as any payload. */
function movementOf(transferId: string, texts: Texts): Unchecked<EventPayload<'TransferPosted'>> {
  const [factKey, code, currency, minor] = texts;
  const money = (of: string | null | undefined) => ({ currency, minor: of });
  const sideOf = (at: number) => {
    const [accountId, address, ownerId, sequence, balance, available] = texts.slice(at, at + 6);
    return { accountId, address, ownerId, sequence: Number(sequence), balance: money(balance), available: money(available) };
  };
  const [orderId, paymentId] = texts.slice(16, 18);
  return { transferId, factKey, code, amount: money(minor), debit: sideOf(4), credit: sideOf(10), orderId, paymentId };
}

/** The same fields, whose texts may be missing. */
type Unchecked<T> = { readonly [K in keyof T]: T[K] extends object ? Unchecked<T[K]> : T[K] | string | null | undefined };
