import { type Envelope, eventPayloads } from '@tessera/schema/contract';
import { TesseraError } from '@tessera/service-kit/errors';
import type { Viewer } from '@tessera/service-kit/identity';
import { isId } from '@tessera/service-kit/ids';
import { fromWire, toDecimal } from '@tessera/service-kit/money';
import { z } from 'zod';
import type { GatewayContext } from '../execution/context.ts';
import type { AskSubgraph, Channel, EventValue, LiveEvent } from './channel.ts';

const STREAM = 'ledger-events';
const SIDES = ['debit', 'credit'] as const;

/** Event of the ledger → what it is for the side that pays and the side that receives, whose figures a hold leaves as they are. */
const KINDS = {
  TransferPosted: { debit: 'TRANSFER_OUT', credit: 'TRANSFER_IN' },
  HoldPlaced: { debit: 'HOLD_PLACED', credit: 'INCOMING_HELD' },
  HoldPosted: { debit: 'HOLD_POSTED', credit: 'TRANSFER_IN' },
  HoldVoided: { debit: 'HOLD_RELEASED', credit: 'INCOMING_RELEASED' },
  HoldExpired: { debit: 'HOLD_RELEASED', credit: 'INCOMING_RELEASED' },
} as const;

const movementSchema = eventPayloads.TransferPosted.pick({ transferId: true, debit: true, credit: true });
type Movement = z.infer<typeof movementSchema>;

const VISIBLE_WALLET = 'query VisibleWallet($id: ID!) { wallet(id: $id) { id } }';
const OWN_WALLETS = `query OwnWallets($of: [_Any!]!) { _entities(representations: $of) { ... on User { wallets { ...Figures } } } } ${figures()}`;
const ONE_WALLET = `query OneWallet($id: ID!) { wallet(id: $id) { ...Figures } } ${figures()}`;

const amountSchema = z.object({ currency: z.string(), minor: z.string(), decimal: z.string() });
const walletSchema = z.object({ id: z.string(), balance: amountSchema, available: amountSchema });
const visibleSchema = z.object({ wallet: z.object({ id: z.string() }).nullish() });
const oneSchema = z.object({ wallet: walletSchema.nullish() });
const ownSchema = z.object({ _entities: z.array(z.object({ wallets: z.array(walletSchema).nullish() }).nullable()) });

/** `balanceUpdated(walletId, after)`: one wallet that the viewer may see, or all of their own. Figures are those of the event's time. */
export function balanceChannel(ask: AskSubgraph): Channel {
  return {
    field: 'balanceUpdated',
    stream: STREAM,
    routingKeysOf: (envelope) => {
      const movement = movementOf(envelope);
      return movement ? SIDES.flatMap((side) => [`wallet:${movement[side].accountId}`, `owner:${movement[side].ownerId}`]) : [];
    },
    open: async (args, context) => {
      const { viewer } = context;
      const walletId = typeof args.walletId === 'string' ? args.walletId : null;
      if (walletId !== null) {
        const answer = isId('wallet', walletId) ? await ask('ledger', VISIBLE_WALLET, { id: walletId }, context) : {};
        if (!visibleSchema.parse(answer).wallet) throw new TesseraError('FORBIDDEN', 'There is no such wallet, or it is not yours.');
      }
      return {
        stream: STREAM,
        routingKey: walletId === null ? `owner:${viewer.userId}` : `wallet:${walletId}`,
        eventsOf: (envelope) => eventsOf(envelope, walletId, viewer),
        snapshot: () => snapshot(ask, walletId, context),
      };
    },
  };
}

function eventsOf(envelope: Envelope, walletId: string | null, viewer: Viewer): readonly LiveEvent[] {
  const movement = movementOf(envelope);
  if (!movement || !isMovement(envelope.type)) return [];
  const kinds = KINDS[envelope.type];
  return SIDES.flatMap((side, index) => {
    const { accountId, ownerId, sequence, balance, available } = movement[side];
    const kind = kinds[side];
    if (!concerns({ accountId, ownerId }, walletId, viewer)) return [];
    const value = {
      kind,
      sequence,
      occurredAt: envelope.occurredAt,
      balance: amountOf(balance),
      available: amountOf(available),
      wallet: walletReference(accountId),
      transfer: { __typename: 'Transfer', id: movement.transferId },
    };
    return [{ index, value }];
  });
}

function concerns(
  { accountId, ownerId }: { accountId: string; ownerId: string | null },
  wanted: string | null,
  { userId, scopes }: Viewer,
): boolean {
  const isOwn = userId !== null && ownerId === userId && isId('wallet', accountId);
  if (wanted === null) return isOwn;
  return wanted === accountId && (isOwn || scopes.has('ledger:read'));
}

async function snapshot(ask: AskSubgraph, walletId: string | null, context: GatewayContext): Promise<EventValue[]> {
  const wallets =
    walletId === null
      ? await ownWallets(ask, context)
      : [oneSchema.parse(await ask('ledger', ONE_WALLET, { id: walletId }, context)).wallet];
  return wallets.flatMap((wallet) => {
    if (!wallet) return [];
    const { id, balance, available } = wallet;
    return [
      {
        kind: 'RESYNC',
        sequence: 0,
        occurredAt: new Date().toISOString(),
        balance,
        available,
        wallet: walletReference(id),
        transfer: null,
      },
    ];
  });
}

async function ownWallets(ask: AskSubgraph, context: GatewayContext) {
  const answer = await ask('ledger', OWN_WALLETS, { of: [{ __typename: 'User', id: context.viewer.userId }] }, context);
  return ownSchema.parse(answer)._entities.flatMap((user) => user?.wallets ?? []);
}

function movementOf({ type, payload }: Envelope): Movement | null {
  return isMovement(type) ? (movementSchema.safeParse(payload).data ?? null) : null;
}

function isMovement(type: string): type is keyof typeof KINDS {
  return Object.hasOwn(KINDS, type);
}

function amountOf(amount: { readonly currency: string; readonly minor: string }) {
  const value = fromWire(amount);
  return { currency: value.currency, minor: amount.minor, decimal: toDecimal(value) };
}

function walletReference(id: string) {
  return { __typename: 'Wallet', id };
}

function figures(): string {
  return 'fragment Figures on Wallet { id balance { currency minor decimal } available { currency minor decimal } }';
}
