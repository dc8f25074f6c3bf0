import { LockMode } from '@mikro-orm/core';
import { unreachable } from '@tessera/service-kit/errors';
import { type InvalidInput, refuseInvalid } from '@tessera/service-kit/graphql';
import { rawSql } from '@tessera/service-kit/persistence';
import { z } from 'zod';
import { AccountEntity } from '../account/account.entity.ts';
import { beforeBalancesChange } from '../engine/index.ts';
import type { LedgerUseCaseContext } from '../services.ts';
import { decideClose } from './wallet.ts';
import { AccountClosed, WalletClosed, type WalletCloseInput, WalletNotEmpty, WalletNotFound } from './wallet.type.ts';

const MAX_ID = 100;
const rules = z.object({ walletId: z.string().min(1).max(MAX_ID) });

/** Closes the caller's empty wallet for good; money that was sent to it before the lock makes it not empty. */
export async function walletClose(
  input: WalletCloseInput,
  { em, viewer, now, publish }: LedgerUseCaseContext,
): Promise<WalletClosed | AccountClosed | WalletNotEmpty | WalletNotFound | InvalidInput> {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const wallet = await em.findOne(
    AccountEntity,
    { id: input.walletId, ownerId: viewer.userId, kind: 'WALLET' },
    { lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  if (!wallet?.ownerId) return new WalletNotFound(['input', 'walletId']);
  const decision = decideClose(wallet);
  switch (decision) {
    case 'ALREADY_CLOSED':
      return new AccountClosed(['input', 'walletId']);
    case 'NOT_EMPTY':
      return new WalletNotEmpty();
    case 'CLOSE':
      await beforeBalancesChange(em, [wallet.id]);
      await rawSql(em, 'update accounts set is_closed = true, closed_at = $2::timestamptz where id = $1', [wallet.id, now.toISOString()]);
      publish({
        type: 'WalletClosed',
        aggregateId: wallet.id,
        payload: { walletId: wallet.id, ownerId: wallet.ownerId, currency: wallet.currency },
      });
      return new WalletClosed(wallet.id);
    default:
      return unreachable(decision);
  }
}
