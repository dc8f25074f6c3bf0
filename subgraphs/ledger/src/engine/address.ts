import { isCurrencyCode } from '@tessera/schema/contract';
import { isId } from '@tessera/service-kit/ids';

/** Addresses name the accounts that are not wallets: `system:escrow:USD`, `payable:usr_…:EUR`. They come to be when first used. */

export const ACCOUNT_KINDS = ['WALLET', 'PAYABLE', 'ESCROW', 'FEES', 'EXPENSES', 'DISPUTES', 'BANK', 'CLEARING'] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];
export type NormalSide = 'DEBIT' | 'CREDIT';

/** How an account of a kind behaves: which side makes it grow, and how low its available balance may go (null: no floor). */
export interface AccountRule {
  readonly normalSide: NormalSide;
  readonly floorMinor: bigint | null;
}

/**
 * Liabilities grow by credits, assets and expenses by debits. Escrow holds other people's money, so it has a floor like a wallet. A payable
 * may go below zero: a refund after a payout leaves the vendor owing.
 */
export const ACCOUNT_RULES: Readonly<Record<AccountKind, AccountRule>> = {
  WALLET: { normalSide: 'CREDIT', floorMinor: 0n },
  PAYABLE: { normalSide: 'CREDIT', floorMinor: null },
  ESCROW: { normalSide: 'CREDIT', floorMinor: 0n },
  FEES: { normalSide: 'CREDIT', floorMinor: null },
  EXPENSES: { normalSide: 'DEBIT', floorMinor: null },
  DISPUTES: { normalSide: 'DEBIT', floorMinor: null },
  BANK: { normalSide: 'DEBIT', floorMinor: null },
  CLEARING: { normalSide: 'DEBIT', floorMinor: null },
};

/** The floor of a kind, in SQL. */
export const sqlFloor = (kind: string): string =>
  `case ${kind} ${ACCOUNT_KINDS.map((each) => `when '${each}' then ${ACCOUNT_RULES[each].floorMinor ?? 'null'}`).join(' ')} end`;

export interface Address {
  readonly kind: AccountKind;
  readonly ownerId: string | null;
  readonly currency: string;
}

const SYSTEM_KINDS: Readonly<Record<string, AccountKind>> = {
  escrow: 'ESCROW',
  fees: 'FEES',
  expenses: 'EXPENSES',
  disputes: 'DISPUTES',
  bank: 'BANK',
  clearing: 'CLEARING',
};

/** What an address stands for, or null for a text that names nothing; a provider's clearing account is `system:clearing.<provider>:<currency>`. */
export function parseAddress(text: string): Address | null {
  const [space = '', name = '', currency, ...rest] = text.split(':');
  if (rest.length > 0 || !isCurrencyCode(currency)) return null;
  if (space === 'payable') return isId('user', name) ? { kind: 'PAYABLE', ownerId: name, currency } : null;
  if (space !== 'system') return null;
  const kind = /^clearing\.[a-z]{1,20}$/.test(name) ? 'CLEARING' : Object.hasOwn(SYSTEM_KINDS, name) ? SYSTEM_KINDS[name] : undefined;
  return kind ? { kind, ownerId: null, currency } : null;
}
