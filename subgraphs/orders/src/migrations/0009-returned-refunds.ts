import { Migration } from '@mikro-orm/migrations';

/** Money that a bank sent back counts as captured again; what went back beside the payment never counted. The default is for processes of the version before. */
class AddReturnedRefunds extends Migration {
  override up(): void {
    this.addSql(
      `alter table order_refunds
         add column returned_at timestamptz(3),
         add column is_stray boolean not null default false`,
    );
  }
}

export const addReturnedRefunds = { name: 'orders-0009-returned-refunds', class: AddReturnedRefunds };
