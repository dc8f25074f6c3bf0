import { Migration } from '@mikro-orm/migrations';

/** Drafts are listed by text too, so they belong into the text index; what is new comes with its next change. */
export class IndexDrafts extends Migration {
  override up(): void {
    this.addSql(`
      insert into product_search (product_id, document)
      select p.id, ${weighted('p.title', 'A')} || ${weighted('v.details', 'B')} || ${weighted('p.description', 'C')}
      from products p left join lateral (
        select string_agg(concat_ws(' ', sku, title, (select string_agg(a ->> 'value', ' ') from jsonb_array_elements(attributes) a)), ' ') as details
        from product_variants where product_id = p.id and removed_at is null) v on true
      where p.status = 'DRAFT'
      on conflict (product_id) do nothing`);
  }
}

/** As the index writes a text: without accents, letters and digits only. */
function weighted(column: string, weight: 'A' | 'B' | 'C'): string {
  const plain = `regexp_replace(lower(regexp_replace(normalize(coalesce(${column}, ''), NFKD), '[\u0300-\u036f]', '', 'g')), '[^[:alnum:]]+', ' ', 'g')`;
  return `setweight(to_tsvector('simple', ${plain}) || to_tsvector('english', ${plain}), '${weight}')`;
}
