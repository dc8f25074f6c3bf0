import { Authenticated } from '@tessera/service-kit/access';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { type UsersContext, visibleUser } from '../account/user.loader.ts';
import { User } from '../account/user.type.ts';
import { profileUpdate } from './profile-update.ts';
import { ProfileUpdated, ProfileUpdateInput, ProfileUpdateResult } from './profile-update.type.ts';

@Resolver()
export class ProfileResolver {
  @Authenticated()
  @Mutation(() => ProfileUpdateResult, { description: 'Changes the caller’s own profile; HandleTaken and InvalidInput can come back.' })
  profileUpdate(
    @Arg('input', () => ProfileUpdateInput, { description: 'What changes.' }) input: ProfileUpdateInput,
    @Ctx() context: UsersContext,
  ) {
    return context.mutate(profileUpdate, input);
  }
}

@Resolver(() => ProfileUpdated)
export class ProfileUpdatedResolver {
  @FieldResolver(() => User, { nullable: true })
  user(@Root() { userId }: ProfileUpdated, @Ctx() context: UsersContext) {
    return context.load(visibleUser, userId);
  }
}
