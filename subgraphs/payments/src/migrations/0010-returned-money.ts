import { Migration } from '@mikro-orm/migrations';

/** Money that comes back from a bank, money that came twice, and fees in another currency. */
export class AddReturnedMoney extends Migration {
  override up(): void {
    for (const statement of [...PAYMENTS, REFUNDS, ...FEES, ...INDEXES]) this.addSql(statement);
  }
}

/** `refunded_minor` shrinks by exactly what comes back, and never otherwise. The default is for processes of the version before. */
const PAYMENTS = [
  `alter table payments
     add column returned_minor bigint not null default 0,
     add constraint payments_returned_not_negative check (returned_minor >= 0)`,
  `create or replace function payments_forward_only() returns trigger language plpgsql as $$
   begin
     if (new.id, new.order_id, new.top_up_wallet_id, new.customer_id, new.currency, new.amount_minor) is distinct from
        (old.id, old.order_id, old.top_up_wallet_id, old.customer_id, old.currency, old.amount_minor) then
       raise exception 'what a payment is for does not change' using errcode = 'restrict_violation';
     end if;
     if new.state <> old.state and old.state in ('CAPTURED', 'VOIDED') then
       raise exception 'a payment that is % stays so', old.state using errcode = 'restrict_violation';
     end if;
     if new.captured_minor < old.captured_minor or new.returned_minor < old.returned_minor
        or new.refunded_minor + new.returned_minor < old.refunded_minor + old.returned_minor then
       raise exception 'captured and refunded amounts only grow, but for what a bank sends back' using errcode = 'restrict_violation';
     end if;
     return new;
   end $$`,
];

/** `returned_at`: it had arrived, and the bank sent it back. `stray_attempt_id`: it gives back money that came for an attempt that was over. */
const REFUNDS = `
  alter table refunds
    add column returned_at timestamptz(3),
    add column stray_attempt_id text,
    add constraint refunds_returned_has_failed check (returned_at is null or state = 'FAILED' and asked_at is not null),
    add constraint refunds_stray_goes_back_as_it_came check (stray_attempt_id is null or destination = 'ORIGINAL')`;

/** Null: the currency of the payment. */
const FEES = [
  `alter table payment_attempts add column fee_currency text,
     add constraint payment_attempts_fee_currency_form check (fee_currency ~ '^[A-Z]{3}$')`,
  `alter table disputes add column fee_currency text, add constraint disputes_fee_currency_form check (fee_currency ~ '^[A-Z]{3}$')`,
];

const INDEXES = [
  `create index payment_events_stray_at on payment_events (occurred_at) where kind = 'STRAY_CAPTURED'`,
  'create index refunds_returned_at on refunds (returned_at) where returned_at is not null',
];
