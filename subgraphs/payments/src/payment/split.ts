/** How a payment's money is shared between vendors and platform, and given back. Exact to the minor unit; pure. */
import type { CurrencyCode } from '@tessera/schema/contract';
import { ensure, InvariantViolation } from '@tessera/service-kit/errors';
import { allocate, money, percentage } from '@tessera/service-kit/money';
import { escrowOf, feesOf, payableOf } from '../ledger/accounts.ts';

/** What a vendor's lines come to before the platform fee. Stored as JSON, so amounts are text. */
export interface Share {
  readonly vendorId: string;
  readonly minor: string;
}

/** A part of the money and the ledger account that gets it, or gives it back. */
export interface SplitPart {
  readonly account: string;
  readonly minor: string;
}

/**
 * Each vendor's share less the fee (per share, half to even), and the fees together. The parts add up to the shares exactly; one of
 * nothing is left out.
 */
export function splitCapture(currency: CurrencyCode, shares: readonly Share[], feeBasisPoints: number): SplitPart[] {
  const parts = shares.flatMap(({ vendorId, minor }) => {
    const share = money(currency, BigInt(minor));
    const fee = percentage(share, feeBasisPoints);
    return [
      { account: payableOf(vendorId, currency), minor: (share.minor - fee.minor).toString() },
      { account: feesOf(currency), minor: fee.minor.toString() },
    ];
  });
  return partsByAccount(parts);
}

/** One part for each account, in order of first mention: what is given back is counted by account. Parts of nothing are left out. */
export function partsByAccount(parts: readonly SplitPart[]): SplitPart[] {
  const sums = new Map<string, bigint>();
  for (const { account, minor } of parts) sums.set(account, (sums.get(account) ?? 0n) + BigInt(minor));
  return [...sums].filter(([, minor]) => minor > 0n).map(([account, minor]) => ({ account, minor: minor.toString() }));
}

/** From escrow to whom it is due, as legs of a posting. */
export function shareLegs(currency: CurrencyCode, parts: readonly SplitPart[]) {
  return parts.map(({ account, minor }) => ({
    debit: escrowOf(currency),
    credit: account,
    amount: { currency, minor },
    code: account === feesOf(currency) ? 'PLATFORM_FEE' : 'VENDOR_SHARE',
  }));
}

/**
 * What each account gives back for a refund, in proportion to what it still has of the capture. By what is left, not by the first split:
 * then no sequence of partial refunds takes more from an account than it got, and a full refund leaves nothing anywhere.
 */
export function splitRefund(
  currency: CurrencyCode,
  amountMinor: bigint,
  captured: readonly SplitPart[],
  earlier: readonly (readonly SplitPart[])[],
): SplitPart[] {
  const left = captured.map(({ account, minor }) => BigInt(minor) - givenBack(account, earlier));
  if (amountMinor > left.reduce((sofar, part) => sofar + part, 0n))
    throw new InvariantViolation('A refund takes more than the split holds.');
  return allocate(money(currency, amountMinor), left)
    .map(({ minor }, index) => ({ account: ensure(captured[index], 'part of the split').account, minor: minor.toString() }))
    .filter(({ minor }) => minor !== '0');
}

function givenBack(account: string, refunds: readonly (readonly SplitPart[])[]): bigint {
  return refunds.flat().reduce((sofar, part) => (part.account === account ? sofar + BigInt(part.minor) : sofar), 0n);
}
