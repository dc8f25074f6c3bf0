import { Migration } from '@mikro-orm/migrations';

class CreateSaga extends Migration {
  override up(): void {
    this.addSql(`
      create table saga_steps (
        order_id text not null,
        name text not null,
        key uuid not null,
        state text not null,
        attempts integer not null,
        amount_minor bigint,
        currency text,
        note text,
        command jsonb,
        trace_id text,
        started_at timestamptz(3) not null,
        finished_at timestamptz(3),
        next_attempt_at timestamptz(3),
        constraint saga_steps_pk primary key (order_id, name),
        constraint saga_steps_key_unique unique (key),
        constraint saga_steps_order_fk foreign key (order_id) references orders (id) deferrable initially deferred,
        constraint saga_steps_name_known check (name in ('RESERVE_STOCK', 'REQUEST_PAYMENT', 'CONFIRM_STOCK', 'DELIVER_UNITS',
          'CAPTURE_PAYMENT', 'RELEASE_STOCK', 'RETURN_STOCK', 'VOID_PAYMENT', 'REFUND_PAYMENT')),
        constraint saga_steps_state_known check (state in ('WAITING', 'DONE', 'FAILED', 'NEEDS_ATTENTION')),
        constraint saga_steps_waiting_can_resend check (state <> 'WAITING' or (command is not null and next_attempt_at is not null)),
        constraint saga_steps_done_has_time check (state not in ('DONE', 'FAILED') or finished_at is not null),
        constraint saga_steps_attempts_positive check (attempts > 0)
      )`);
    this.addSql(`create index saga_steps_waiting on saga_steps (next_attempt_at) where state = 'WAITING'`);
    this.addSql(`create index saga_steps_attention on saga_steps (started_at) where state = 'NEEDS_ATTENTION'`);
  }
}

export const createSaga = { name: 'orders-0005-saga', class: CreateSaga };
