import { LockMode } from '@mikro-orm/core';
import { invalidField, refuseInvalid } from '@tessera/service-kit/graphql';
import { isId, newId } from '@tessera/service-kit/ids';
import type { EntityManager } from '@tessera/service-kit/persistence';
import { z } from 'zod';
import { line, prose, slugRule, trimmed } from '../input-rules.ts';
import type { ActContext } from '../services.ts';
import { freeSlug, slugOf } from '../slug.ts';
import { CategoryEntity } from './category.entity.ts';
import { MAX_CATEGORIES_PER_LEVEL, type PlacementRefusal, refusePlacement } from './category.ts';
import { CategoryNotFound, CategorySaved, type CategorySaveInput, SlugTaken } from './category.type.ts';

const rules = z.object({ name: line(100), slug: slugRule.nullish(), description: prose(2_000).nullish() });

const PLACEMENT: Readonly<Record<PlacementRefusal, string>> = {
  OWN_PARENT: 'A category cannot be its own parent.',
  PARENT_IS_A_SUBCATEGORY: 'The tree has two levels: the parent must be on the top level.',
  HAS_SUBCATEGORIES: 'The tree has two levels: a category with sub-categories stays on the top level.',
};

/** Creates a category or changes one. Locks it and its parent, so that two changes cannot build a third level between them. */
export async function categorySave(input: CategorySaveInput, { em, now }: ActContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;

  const { categoryId = null, parentId = null } = input;
  const locked = await lockCategories(em, [categoryId, parentId]);
  const known = categoryId === null ? null : locked.get(categoryId);
  const parent = parentId === null ? null : locked.get(parentId);
  if (known === undefined) return new CategoryNotFound('categoryId');
  if (parent === undefined) return new CategoryNotFound('parentId');

  const hasChildren = known !== null && (await em.count(CategoryEntity, { parentId: known.id })) > 0;
  const placement = refusePlacement(known, parent, hasChildren);
  if (placement) return invalidField('parentId', placement.toLowerCase(), PLACEMENT[placement]);
  if (await isLevelFull(em, known, parentId))
    return invalidField('parentId', 'too_big', `A level holds at most ${MAX_CATEGORIES_PER_LEVEL} categories.`);

  if (input.slug && (await isTaken(em, input.slug, categoryId))) return new SlugTaken(await freeSlug(em, 'category', input.slug));
  const slug = input.slug ?? known?.slug ?? (await freeSlug(em, 'category', slugOf(input.name)));
  const facts = {
    slug,
    name: input.name.trim(),
    description: trimmed(input.description) || null,
    parentId,
    depth: parent ? 1 : 0,
    updatedAt: now,
  };
  const category = known
    ? em.assign(known, facts)
    : em.create(CategoryEntity, { id: newId('category'), ...facts, createdAt: now, version: 1 });
  await em.flush();
  return new CategorySaved(category.id);
}

/** In the order of ids, so that two callers never wait for each other. */
async function lockCategories(em: EntityManager, ids: readonly (string | null)[]): Promise<ReadonlyMap<string, CategoryEntity>> {
  const wanted = ids.filter((id) => id !== null && isId('category', id)) as string[]; // the filter leaves texts only
  const rows =
    wanted.length === 0
      ? []
      : await em.find(CategoryEntity, { id: { $in: wanted } }, { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } });
  return new Map(rows.map((row) => [row.id, row]));
}

async function isLevelFull(em: EntityManager, known: CategoryEntity | null, parentId: string | null): Promise<boolean> {
  if (known && known.parentId === parentId) return false;
  return (await em.count(CategoryEntity, { parentId })) >= MAX_CATEGORIES_PER_LEVEL;
}

async function isTaken(em: EntityManager, slug: string, exceptId: string | null): Promise<boolean> {
  return (await em.count(CategoryEntity, { slug, ...(exceptId ? { id: { $ne: exceptId } } : {}) })) > 0;
}
