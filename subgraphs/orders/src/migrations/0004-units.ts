import { Migration } from '@mikro-orm/migrations';

class CreateUnits extends Migration {
  override up(): void {
    this.addSql(`
      create table units (
        id text not null,
        variant_id text not null,
        product_id text not null,
        description text not null,
        sealed_secret text not null,
        secret_digest text not null,
        state text not null default 'AVAILABLE',
        order_id text,
        order_line_id text,
        owner_id text,
        deposited_at timestamptz(3) not null,
        granted_at timestamptz(3),
        revealed_at timestamptz(3),
        revoked_at timestamptz(3),
        constraint units_pk primary key (id),
        constraint units_variant_fk foreign key (variant_id) references stock_items (variant_id),
        constraint units_order_fk foreign key (order_id) references orders (id) deferrable initially deferred,
        constraint units_order_line_fk foreign key (order_line_id) references order_lines (id) deferrable initially deferred,
        constraint units_secret_sold_once unique (variant_id, secret_digest),
        constraint units_state_known check (state in ('AVAILABLE', 'DELIVERED', 'REVEALED', 'REVOKED')),
        constraint units_secret_sealed check (sealed_secret like 'ts1.%'),
        constraint units_owned_when_granted check (
          (state = 'AVAILABLE') = (owner_id is null)
          and (owner_id is null) = (order_id is null)
          and (owner_id is null) = (order_line_id is null)
          and (owner_id is null) = (granted_at is null)),
        constraint units_revealed_has_time check (state = 'REVOKED' or (state = 'REVEALED') = (revealed_at is not null)),
        constraint units_revoked_has_time check ((state = 'REVOKED') = (revoked_at is not null))
      )`);
    this.addSql(`create index units_available on units (variant_id, id) where state = 'AVAILABLE'`);
    this.addSql('create index units_owner_id on units (owner_id, granted_at desc, id desc) where owner_id is not null');
    this.addSql('create index units_order_id on units (order_id) where order_id is not null');
    this.addSql(`
      create function check_unit_owner() returns trigger language plpgsql as $$
      begin
        if old.owner_id is not null and (new.owner_id, new.order_line_id) is distinct from (old.owner_id, old.order_line_id) then
          raise exception 'a unit keeps its first owner' using errcode = 'check_violation', constraint = 'units_one_owner';
        end if;
        return new;
      end $$`);
    this.addSql('create trigger units_one_owner before update on units for each row execute function check_unit_owner()');
    this.addSql(`
      create table unit_reveals (
        id text not null,
        unit_id text not null,
        user_id text not null,
        client_address text,
        request_id text not null,
        trace_id text,
        at timestamptz(3) not null,
        constraint unit_reveals_pk primary key (id),
        constraint unit_reveals_unit_fk foreign key (unit_id) references units (id)
      )`);
    this.addSql('create index unit_reveals_unit_id on unit_reveals (unit_id, at)');
    this.addSql(
      'create trigger unit_reveals_append_only before update or delete on unit_reveals for each row execute function refuse_change()',
    );
  }
}

export const createUnits = { name: 'orders-0004-units', class: CreateUnits };
