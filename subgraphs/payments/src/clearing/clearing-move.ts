/** What a movement in the ledger means for the clearing account of a provider. Plain data in, plain data out. */
import type { EventPayload } from '@tessera/schema/contract';
import type { ProviderName } from '../provider/provider-name.ts';

export type Movement = Pick<EventPayload<'TransferPosted'>, 'amount' | 'debit' | 'credit'>;

export interface ClearingMove {
  readonly provider: ProviderName;
  readonly currency: string;
  /** Positive when the provider owes more. */
  readonly amountMinor: bigint;
  /** Of the account, as this movement left it. */
  readonly balanceMinor: bigint;
}

const CLEARING = /^system:clearing\.([a-z]+):/;
const PROVIDERS: Readonly<Record<string, ProviderName>> = { stripe: 'STRIPE', paypal: 'PAYPAL' };

/** Null for a movement that touches no clearing account. No fact moves money between two of them. */
export function clearingMoveOf({ amount, debit, credit }: Movement): ClearingMove | null {
  const debited = providerOf(debit.address);
  const provider = debited ?? providerOf(credit.address);
  if (!provider) return null;
  const minor = BigInt(amount.minor);
  const side = debited ? debit : credit;
  return { provider, currency: amount.currency, amountMinor: debited ? minor : -minor, balanceMinor: BigInt(side.balance.minor) };
}

/** The same question of a payload that nobody has checked: false only where it has two sides, and neither is a clearing account. */
export function mayMoveClearing({ debit, credit }: Readonly<Record<string, unknown>>): boolean {
  return [debit, credit].some((side) => {
    if (typeof side !== 'object' || side === null) return true;
    const address: unknown = 'address' in side ? side.address : null;
    return typeof address === 'string' ? providerOf(address) !== undefined : address !== null;
  });
}

function providerOf(address: string | null): ProviderName | undefined {
  return PROVIDERS[CLEARING.exec(address ?? '')?.[1] ?? ''];
}
