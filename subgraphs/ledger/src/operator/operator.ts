import { randomUUID } from 'node:crypto';
import type { CurrencyCode } from '@tessera/schema/contract';
import { InvariantViolation } from '@tessera/service-kit/errors';
import { unitOfWork } from '@tessera/service-kit/messaging';
import type { MikroORM } from '@tessera/service-kit/persistence';
import { postTransfer } from '../transfer/post-transfer.ts';
import { ensureDefaultWallet } from '../wallet/wallet-ensure.ts';

export interface Funding {
  readonly walletOwnerId: string;
  readonly currency: CurrencyCode;
  readonly amountMinor: bigint;
  /** The same key funds once, however often it is asked. */
  readonly factKey: string;
}

/** What whoever runs the platform may do beside the graph: seeds, and money that came in by a way of its own. */
export interface LedgerOperator {
  /** Moves money from the bank account of the platform to the user's wallet, opened where there is none; answers the wallet and the transfer. */
  fund(funding: Funding): Promise<{ readonly walletId: string; readonly transferId: string }>;
}

const ACTOR = 'service:operator';

export function createOperator(orm: MikroORM): LedgerOperator {
  return {
    async fund({ walletOwnerId, currency, amountMinor, factKey }) {
      const origin = { actor: ACTOR, correlationId: randomUUID(), causationId: null, traceparent: null, now: new Date() };
      const { result } = await unitOfWork(orm.em, origin, async (unit) => {
        const wallet = await ensureDefaultWallet(walletOwnerId, currency, unit);
        const leg = {
          kind: 'MOVE',
          debit: `system:bank:${currency}`,
          credit: wallet.id,
          amount: { currency, minor: amountMinor },
          code: 'FUNDING',
        } as const;
        const outcome = await postTransfer(
          { scope: 'operator', key: factKey, legs: [leg], actor: ACTOR, traceparent: null },
          wallet.id,
          unit,
        );
        if (outcome.kind === 'REFUSED') throw new InvariantViolation(`Funding was refused: ${outcome.refusal.reason}.`);
        return { walletId: wallet.id, transferId: outcome.transferId };
      });
      return result;
    },
  };
}
