import { randomUUID } from 'node:crypto';
import { createEngine } from '@tessera/ledger';
import { genuineAccessToken } from '@tessera/local';
import { ACCESS_TOKEN_AUDIENCE, ACCESS_TOKEN_ISSUER, scopesOf } from '@tessera/schema/contract';
import { openWallets, withClient } from '../ledger/books.ts';
import type { BenchStack } from './stack.ts';

const TOKEN_SECONDS = 900;

export interface Payer {
  readonly walletId: string;
  readonly token: string;
}

export interface People {
  /** Vendors with money, each signed in. */
  readonly payers: readonly Payer[];
  readonly recipients: readonly { readonly walletId: string; readonly handle: string }[];
}

/** Users as the ledger knows them, without a registration: wallets that hold enough, entries of the directory, and genuine access tokens. */
export async function makePeople(stack: BenchStack, counts: { readonly payers: number; readonly recipients: number }): Promise<People> {
  const { databases, secretsFile } = stack;
  const engine = createEngine({ databaseUrl: databases.ledger });
  const wallets = await openWallets(databases.ledger, engine, counts.payers + counts.recipients);
  await engine.close();
  const recipients = wallets.slice(counts.payers).map((walletId) => ({ walletId, handle: walletId.slice(-16) }));
  await withClient(databases.ledger, (client) =>
    client.query(
      `insert into recipients (user_id, handle_key, display_name, email_key, version)
       select 'usr_' || substr(id, 5), right(id, 16), 'Somebody', id, 1 from unnest($1::text[]) as w (id)`,
      [recipients.map(({ walletId }) => walletId)],
    ),
  );
  const payers = await Promise.all(
    wallets.slice(0, counts.payers).map(async (walletId) => ({
      walletId,
      token: await tokenOf(`usr_${walletId.slice('wal_'.length)}`, { usersUrl: databases.users, secretsFile }),
    })),
  );
  return { payers, recipients };
}

function tokenOf(userId: string, stack: { readonly usersUrl: string; readonly secretsFile: string }): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const registered = {
    iss: ACCESS_TOKEN_ISSUER,
    aud: ACCESS_TOKEN_AUDIENCE,
    sub: userId,
    jti: randomUUID(),
    iat: now,
    exp: now + TOKEN_SECONDS,
  };
  const roles = ['CUSTOMER', 'VENDOR'] as const;
  return genuineAccessToken({ ...registered, sid: `ses_${userId.slice(4)}`, roles, scope: scopesOf(roles).join(' ') }, stack);
}
