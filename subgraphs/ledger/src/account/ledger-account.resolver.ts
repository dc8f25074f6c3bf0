import type { FilterQuery } from '@mikro-orm/core';
import { RequiresScopes } from '@tessera/service-kit/access';
import { TesseraError } from '@tessera/service-kit/errors';
import { ConnectionArgs, paginate } from '@tessera/service-kit/pagination';
import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { UserStub } from '../foreign/user.ts';
import type { LedgerContext } from '../services.ts';
import { AccountEntity } from './account.entity.ts';
import { accountName, accountsNamed, displayNameOf } from './account-name.ts';
import { LedgerAccount, LedgerAccountConnection, LedgerAccountWhere } from './ledger-account.type.ts';

const MAX_KINDS = 20;

@Resolver(() => LedgerAccount)
export class LedgerAccountResolver {
  @RequiresScopes([['ledger:read']])
  @Query(() => LedgerAccountConnection, { description: 'All accounts of the ledger, in the order of their ids.' })
  async ledgerAccounts(
    @Arg('where', () => LedgerAccountWhere, { nullable: true, description: 'Which ones.' }) where: LedgerAccountWhere | undefined,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() { services, cursorSecret }: LedgerContext,
  ) {
    const asked = where ?? {};
    const { name } = asked;
    const named = typeof name === 'string' ? await services.reads.run((em) => accountsNamed(name, em)) : {};
    const filter = { $and: [filterOf(asked), named] } as FilterQuery<AccountEntity>; // two halves of one
    const page = { entity: AccountEntity, where: filter, sort: [], args, filter: asked, secret: cursorSecret };
    const toNode = (account: AccountEntity) => new LedgerAccount(account, true);
    const found = await services.reads.run((em) => paginate(em, { ...page, toNode }));
    const countAll = () => services.reads.run((em) => em.count(AccountEntity, filter));
    return new LedgerAccountConnection({ ...found, countAll });
  }

  @FieldResolver(() => String, { description: 'A name for people: of the owner, or of what the account is for.' })
  async displayName(@Root() { kind, nameOf }: LedgerAccount, @Ctx() context: LedgerContext): Promise<string> {
    return accountName(kind, nameOf ? await context.load(displayNameOf, nameOf) : null);
  }

  @FieldResolver(() => UserStub, { nullable: true, description: 'Whose account it is; null for accounts of the platform.' })
  owner(@Root() { ownerId }: LedgerAccount): UserStub | null {
    return ownerId ? new UserStub(ownerId) : null;
  }
}

function filterOf({ kind, currency, ownerId, address, isClosed }: LedgerAccountWhere): FilterQuery<AccountEntity> {
  if (kind && kind.length > MAX_KINDS)
    throw new TesseraError('BAD_USER_INPUT', `where.kind takes at most ${MAX_KINDS} kinds.`, { path: ['where', 'kind'] });
  const given = { currency, ownerId, address, isClosed, ...(kind ? { kind: { $in: kind } } : {}) };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== null),
  ) as FilterQuery<AccountEntity>; // fromEntries forgets the keys
}
