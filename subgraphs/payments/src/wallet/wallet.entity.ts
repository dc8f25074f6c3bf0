import { defineEntity, p } from '@mikro-orm/core';

const walletSchema = defineEntity({
  name: 'Wallet',
  tableName: 'wallets',
  properties: {
    id: p.string().primary(),
    ownerId: p.string(),
    currency: p.string(),
    isClosed: p.boolean(),
  },
});

/** What the ledger told about a wallet; balances stay there. */
export class WalletEntity extends walletSchema.class {}
walletSchema.setClass(WalletEntity);
