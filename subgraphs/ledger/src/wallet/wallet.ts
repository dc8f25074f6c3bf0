import { balanceOf, heldOf } from '../engine/index.ts';

/** Rules of a wallet: what may happen next. Plain data in, decision out. */

/** Open at a time, beside the one of each currency that receives. */
export const MAX_FURTHER_WALLETS = 10;

export function mayOpenFurther(openWallets: number): boolean {
  return openWallets < MAX_FURTHER_WALLETS;
}

export type CloseDecision = 'CLOSE' | 'ALREADY_CLOSED' | 'NOT_EMPTY';

/** Only an empty wallet closes: no balance, and nothing on its way out or in. */
export function decideClose(wallet: Parameters<typeof balanceOf>[0] & { readonly isClosed: boolean }): CloseDecision {
  if (wallet.isClosed) return 'ALREADY_CLOSED';
  const isEmpty = balanceOf(wallet) === 0n && heldOf(wallet) === 0n && wallet.creditsPending === 0n;
  return isEmpty ? 'CLOSE' : 'NOT_EMPTY';
}
