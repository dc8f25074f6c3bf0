import type { Loader, RequestContext } from '@tessera/service-kit/graphql';
import { isId } from '@tessera/service-kit/ids';
import type { UsersServices } from '../services.ts';
import { UserEntity } from './user.entity.ts';
import { seesPrivate, type User, userView } from './user.type.ts';

export type UsersContext = RequestContext<UsersServices>;

/** Users as this viewer may see them: names for everybody, the rest only for the user and for users:read. */
export const visibleUser: Loader<User, UsersServices> = {
  name: 'visibleUser',
  batch: async (ids, { em, viewer }) => {
    const users = await em.find(UserEntity, { id: { $in: ids.filter((id) => isId('user', id)) } });
    return new Map(users.map((user) => [user.id, userView(user, seesPrivate(viewer, user.id))]));
  },
};

export function userReference({ id }: { readonly id: string }, context: UsersContext): Promise<User | null> {
  return context.load(visibleUser, String(id));
}
