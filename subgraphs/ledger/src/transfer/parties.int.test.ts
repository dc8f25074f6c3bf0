import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { rawSql, transaction } from '@tessera/service-kit/persistence';
import { aLedger, sql, type TestLedger } from '../../test/a-ledger.ts';
import { lookUp } from './parties.ts';

const WALLETS = 2_000;
const ASKED = 50;

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await aLedger();
});
afterAll(() => ledger.close());

it('reads of accounts what it looks for, also where nothing is known of the table yet', async () => {
  const ids = Array.from({ length: WALLETS }, () => newId('wallet').slice('wal_'.length));
  await sql(
    ledger,
    `insert into accounts (id, kind, owner_id, currency, normal_side, floor_minor, opened_at)
     select 'wal_' || id, 'WALLET', 'usr_' || id, 'USD', 'CREDIT', 0, now() from unnest($1::text[]) as w (id)`,
    [ids],
  );
  await sql(
    ledger,
    `insert into recipients (user_id, handle_key, display_name, email_key, version)
     select 'usr_' || id, id, 'Somebody', id, 1 from unnest($1::text[]) as w (id)`,
    [ids],
  );
  const payer = { senderId: `usr_${ids[0]}`, fromWalletId: `wal_${ids[0]}`, currency: 'USD', now: new Date() };
  const asked = ids.slice(-ASKED).map((id) => ({ ...payer, toWalletId: null, emailKey: null, handleKey: id }));
  const { found, read } = await transaction(ledger.subgraph.platform.orm.em, async (em) => {
    const parties = await lookUp(em, asked);
    const [row] = await rawSql<{ read: string }>(
      em,
      `select seq_tup_read + idx_tup_fetch as read from pg_stat_xact_user_tables where relname = 'accounts'`,
    );
    return { found: parties, read: Number(row?.read) };
  });
  expect(found.map(({ toWalletId }) => toWalletId)).toEqual(ids.slice(-ASKED).map((id) => `wal_${id}`));
  expect(read).toBeLessThan(3 * WALLETS);
});
