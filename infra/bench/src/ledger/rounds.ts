import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Engine } from '@tessera/ledger';
import { Client } from 'pg';
import { aTransfer } from './books.ts';

const run = promisify(execFile);

export interface Round {
  readonly perSecond: number;
  readonly items: number;
}

/** Callers that each wait for their answer before they ask again. */
async function closedLoop(callers: number, seconds: number, ask: (caller: number) => Promise<unknown>): Promise<Round> {
  let done = 0;
  let isOver = false;
  const startedMs = performance.now();
  const all = Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      while (!isOver) {
        await ask(caller);
        done += 1;
      }
    }),
  );
  await sleep(seconds * 1_000);
  isOver = true;
  const perSecond = (done * 1_000) / (performance.now() - startedMs); // fewer and fewer ask from now on
  await all;
  return { perSecond, items: done };
}

export function throughEngine(engine: Engine, wallets: readonly string[], callers: number, seconds: number): Promise<Round> {
  return closedLoop(callers, seconds, async (caller) => {
    const [debit, credit] = twoOf(wallets);
    const { outcome } = await engine.submit({ ...aTransfer(debit, credit, 1n), caller: `caller ${caller}` });
    if (outcome.kind !== 'POSTED') throw new Error(`A transfer was not posted: ${JSON.stringify(outcome)}`);
  });
}

/** The usual design: a transaction per transfer that locks both rows, inserts and updates; keys and outbox as we have them. */
export class UsualDesign {
  readonly #clients: readonly Client[];
  readonly #wallets: readonly string[];

  private constructor(clients: readonly Client[], wallets: readonly string[]) {
    this.#clients = clients;
    this.#wallets = wallets;
  }

  static async open(databaseUrl: string, connections: number, wallets: readonly string[]): Promise<UsualDesign> {
    const clients = Array.from({ length: connections }, () => new Client({ connectionString: databaseUrl }));
    await Promise.all(clients.map((client) => client.connect()));
    await clients[0]?.query(`
      create table usual_accounts (id text primary key, balance bigint not null check (balance >= 0), sequence bigint not null default 0) with (fillfactor = 50);
      create table usual_transfers (id text primary key, key text not null unique, debit text not null references usual_accounts,
        credit text not null references usual_accounts, amount bigint not null check (amount > 0), debit_sequence bigint not null, credit_sequence bigint not null,
        debit_balance bigint not null, credit_balance bigint not null, created_at timestamptz not null default now());
      create index on usual_transfers (debit, debit_sequence); create index on usual_transfers (credit, credit_sequence);
      create table usual_outbox (id text primary key, ordinal bigserial, payload jsonb not null, published_at timestamptz)`);
    await clients[0]?.query('insert into usual_accounts select id, 1000000000 from unnest($1::text[]) as w (id)', [wallets]);
    return new UsualDesign(clients, wallets);
  }

  async round(seconds: number): Promise<Round> {
    const free = [...this.#clients];
    return closedLoop(free.length, seconds, async () => {
      const client = free.pop() as Client; // as many callers as connections
      await this.#transfer(client).finally(() => free.push(client));
    });
  }

  async #transfer(client: Client): Promise<void> {
    const [debit, credit] = twoOf(this.#wallets);
    const { request } = aTransfer(debit, credit, 1n);
    await client.query('begin');
    const { rows } = await client.query({
      name: 'lock',
      text: 'select id, balance, sequence from usual_accounts where id in ($1, $2) order by id for update',
      values: [debit, credit],
    });
    const [from, to] = [debit, credit].map((id) => rows.find((row) => row.id === id));
    const after = [String(BigInt(from.balance) - 1n), String(BigInt(to.balance) + 1n)];
    const sequences = [String(BigInt(from.sequence) + 1n), String(BigInt(to.sequence) + 1n)];
    await client.query({
      name: 'transfer',
      text: `insert into usual_transfers (id, key, debit, credit, amount, debit_sequence, credit_sequence, debit_balance, credit_balance)
             values ($1, $2, $3, $4, 1, $5, $6, $7, $8)`,
      values: [request.key, request.key, debit, credit, ...sequences, ...after],
    });
    for (const [at, id] of [debit, credit].entries()) {
      const values = [id, after[at], sequences[at]];
      await client.query({ name: 'update', text: 'update usual_accounts set balance = $2, sequence = $3 where id = $1', values });
    }
    const payload = JSON.stringify({ debit, credit, amount: '1', balances: after, sequences });
    await client.query({ name: 'outbox', text: 'insert into usual_outbox (id, payload) values ($1, $2)', values: [request.key, payload] });
    await client.query('commit');
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.end()));
  }
}

function twoOf(wallets: readonly string[]): [string, string] {
  const at = Math.floor(Math.random() * wallets.length);
  const other = (at + 1 + Math.floor(Math.random() * (wallets.length - 1))) % wallets.length;
  return [wallets[at] ?? '', wallets[other] ?? ''];
}

/** Debian's `pgbench`, wherever its packages put it. */
export function findPgbench(): string | null {
  const folders = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  const candidates = [
    ...folders.map((version) => `/usr/lib/postgresql/${version}/bin/pgbench`),
    '/usr/bin/pgbench',
    '/usr/local/bin/pgbench',
  ];
  return candidates.find((path) => existsSync(path)) ?? null;
}

export async function prepareTpcB(pgbench: string, databaseUrl: string): Promise<void> {
  await run(pgbench, ['-i', '-q', '-s', '10', databaseUrl]);
}

/** TPC-B as PostgreSQL ships it: 8 clients, prepared statements. */
export async function tpcB(pgbench: string, databaseUrl: string, seconds: number): Promise<Round> {
  const { stdout } = await run(pgbench, ['-c', '8', '-j', '2', '-M', 'prepared', '-T', String(seconds), databaseUrl]);
  const perSecond = /tps = ([\d.]+) \(without/.exec(stdout)?.[1];
  if (!perSecond) throw new Error(`pgbench told no rate:\n${stdout}`);
  return { perSecond: Number(perSecond), items: Number(/actually processed: (\d+)/.exec(stdout)?.[1]) };
}
