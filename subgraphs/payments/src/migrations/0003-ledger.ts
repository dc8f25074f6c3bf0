import { Migration } from '@mikro-orm/migrations';

export class CreateLedgerSide extends Migration {
  override up(): void {
    for (const statement of [WALLETS, WALLETS_INDEX, COMMANDS, COMMANDS_INDEX]) this.addSql(statement);
  }
}

/** Read model of the ledger's wallets: who owns which, in what currency. */
const WALLETS = `
  create table wallets (
    id text not null,
    owner_id text not null,
    currency text not null,
    is_closed boolean not null,
    constraint wallets_pk primary key (id)
  )`;

const WALLETS_INDEX = 'create index wallets_owner_id on wallets (owner_id, currency, id)';

/** What the ledger was asked, by the key under which it remembers the answer. `due_at` is when it is sent again; null when that is over. */
const COMMANDS = `
  create table ledger_commands (
    fact_key text not null,
    type text not null,
    payment_id text not null,
    attempt_id text,
    refund_id text,
    payload jsonb not null,
    sends integer not null,
    created_at timestamptz(3) not null,
    sent_at timestamptz(3) not null,
    due_at timestamptz(3),
    answered_at timestamptz(3),
    answer text,
    constraint ledger_commands_pk primary key (fact_key),
    constraint ledger_commands_type_known check (type in ('HoldRequested', 'HoldPostRequested', 'HoldVoidRequested', 'PostingRequested')),
    constraint ledger_commands_sends_positive check (sends > 0),
    constraint ledger_commands_answered_is_over check (answered_at is null or due_at is null),
    constraint ledger_commands_answer_has_time check ((answer is null) = (answered_at is null)),
    constraint ledger_commands_payment_fk foreign key (payment_id) references payments (id) deferrable initially deferred
  )`;

const COMMANDS_INDEX = 'create index ledger_commands_due_at on ledger_commands (due_at) where due_at is not null';
