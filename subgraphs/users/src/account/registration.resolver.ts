import { Public } from '@tessera/service-kit/access';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { UsersContext } from './user.loader.ts';
import { userRegister } from './user-register.ts';
import { UserRegisterInput, UserRegisterResult } from './user-register.type.ts';

@Resolver()
export class RegistrationResolver {
  @Public()
  @Mutation(() => UserRegisterResult, {
    description:
      'Asks for an account and mails a code; WeakPassword, HandleTaken, InvalidInput and RateLimited can come back. A known address answers alike.',
  })
  async userRegister(
    @Arg('input', () => UserRegisterInput, { description: 'Who registers.' }) input: UserRegisterInput,
    @Ctx() context: UsersContext,
  ) {
    const told = context.committed.length;
    const outcome = await userRegister(input, context);
    context.committed.splice(told); // the ids of its events would tell that the address was new
    return outcome;
  }
}
