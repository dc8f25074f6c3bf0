import { Public } from '@tessera/service-kit/access';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { evenAnswer } from '../account/even-answer.ts';
import { type UsersContext, visibleUser } from '../account/user.loader.ts';
import { User } from '../account/user.type.ts';
import { emailVerificationResend } from './email-verification-resend.ts';
import { emailVerify } from './email-verify.ts';
import {
  EmailVerificationResendInput,
  EmailVerificationResendResult,
  EmailVerified,
  EmailVerifyInput,
  EmailVerifyResult,
} from './email-verify.type.ts';

const RESEND_FLOOR_MS = 100;

@Resolver()
export class VerificationResolver {
  @Public()
  @Mutation(() => EmailVerifyResult, { description: 'Proves an e-mail address; CodeInvalid, InvalidInput and RateLimited can come back.' })
  emailVerify(
    @Arg('input', () => EmailVerifyInput, { description: 'Address and code.' }) input: EmailVerifyInput,
    @Ctx() context: UsersContext,
  ) {
    return emailVerify(input, context);
  }

  @Public()
  @Mutation(() => EmailVerificationResendResult, {
    description: 'Mails a new code, at most five an hour; InvalidInput and RateLimited can come back.',
  })
  emailVerificationResend(
    @Arg('input', () => EmailVerificationResendInput, { description: 'The address.' }) input: EmailVerificationResendInput,
    @Ctx() context: UsersContext,
  ) {
    return evenAnswer(RESEND_FLOOR_MS, () => emailVerificationResend(input, context));
  }
}

@Resolver(() => EmailVerified)
export class EmailVerifiedResolver {
  @FieldResolver(() => User, { nullable: true })
  user(@Root() { userId }: EmailVerified, @Ctx() context: UsersContext) {
    return context.load(visibleUser, userId);
  }
}
