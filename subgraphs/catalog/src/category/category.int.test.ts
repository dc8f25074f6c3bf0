import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { actAs } from '@tessera/service-kit/testing';
import { type CatalogStage, openCatalog } from '../../test/catalog-stage.ts';

let stage: CatalogStage;
beforeAll(async () => {
  stage = await openCatalog();
});
afterAll(() => stage.close());

const fields = '... on CategorySaved { category { id slug name description parent { name } } } ... on SlugTaken { suggestion }';
const save = (input: object) => stage.act(stage.admin, 'categorySave', input, fields);

describe('categorySave', () => {
  it('creates a tree of two levels', async () => {
    const top = await stage.category({ name: 'Outdoor' });
    expect(await save({ name: 'Tents & more', parentId: top })).toMatchObject({
      category: { slug: 'tents-more', parent: { name: 'Outdoor' } },
    });
    const tree = '{ categories { name children { name breadcrumbs { name } } } }';
    expect(await stage.data(actAs.visitor(), tree)).toEqual({
      categories: [{ name: 'Outdoor', children: [{ name: 'Tents & more', breadcrumbs: [{ name: 'Outdoor' }, { name: 'Tents & more' }] }] }],
    });
  });

  it('changes a category and keeps its slug', async () => {
    const categoryId = await stage.category({ name: 'Garden' });
    expect(await save({ categoryId, name: 'Gardens', description: 'Green.' })).toMatchObject({
      category: { id: categoryId, slug: 'garden', name: 'Gardens', description: 'Green.' },
    });
    expect(await save({ name: 'Another', slug: 'garden' })).toMatchObject({ __typename: 'SlugTaken', suggestion: 'garden-2' });
  });

  it('refuses a third level, also to two who build it at once', async () => {
    const [a, b, c] = [await stage.category({ name: 'A' }), await stage.category({ name: 'B' }), await stage.category({ name: 'C' })];
    const outcomes = await Promise.all([save({ categoryId: b, name: 'B', parentId: a }), save({ categoryId: c, name: 'C', parentId: b })]);
    expect(outcomes.map(({ __typename }) => __typename).sort()).toEqual(['CategorySaved', 'InvalidInput']);
    expect(await save({ categoryId: a, name: 'A', parentId: a })).toMatchObject({
      issues: [{ path: ['input', 'parentId'], code: 'own_parent' }],
    });
  });

  it('names the category that is not there', async () => {
    const absent = 'cat_01h455vb4pex5vsknk084sn02q';
    expect(await save({ name: 'X', parentId: absent })).toMatchObject({ __typename: 'CategoryNotFound', path: ['input', 'parentId'] });
    expect(await save({ name: 'X', categoryId: 'prd_1' })).toMatchObject({ __typename: 'CategoryNotFound', path: ['input', 'categoryId'] });
  });

  it('is for those who run the shop', async () => {
    const { errors } = await stage.ask(
      actAs.vendor(),
      'mutation { categorySave(input: { name: "Mine" }) { __typename } }',
      {},
      { key: 'k' },
    );
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  it('is backed by the database: no third level, whoever writes', async () => {
    const top = await stage.category({ name: 'Level 0' });
    const sub = await stage.category({ name: 'Level 1', parentId: top });
    const insert = (parentId: string | null, depth: number) =>
      stage.sql(
        `insert into categories (id, slug, name, parent_id, depth, created_at, updated_at) values ('cat_x', 'x', 'x', $1, $2, now(), now())`,
        [parentId, depth],
      );
    await expect(insert(sub, 1)).rejects.toThrow('categories_parent_fk');
    await expect(insert(sub, 0)).rejects.toThrow('categories_two_levels');
    await expect(stage.sql('delete from categories where id = $1', [top])).rejects.toThrow('categories_parent_fk');
  });
});
