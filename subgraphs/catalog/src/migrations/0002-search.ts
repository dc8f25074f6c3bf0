import { Migration } from '@mikro-orm/migrations';

/** The text index over published products. */
export class CreateProductSearch extends Migration {
  override up(): void {
    this.addSql(`create table product_search (
      product_id text not null,
      document tsvector not null,
      constraint product_search_pk primary key (product_id),
      constraint product_search_product_fk foreign key (product_id) references products (id) on delete cascade
    )`);
    this.addSql('create index product_search_document on product_search using gin (document)');
  }
}
