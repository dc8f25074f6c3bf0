import { createEnvelope, deriveKey, directoryKey } from '@tessera/service-kit/crypto';
import { defineSubgraph, type Platform, type Subgraph } from '@tessera/service-kit/subgraph';
import { RegistrationResolver } from './account/registration.resolver.ts';
import { UserEntity } from './account/user.entity.ts';
import { userReference } from './account/user.loader.ts';
import { UserResolver } from './account/user.resolver.ts';
import type { UsersConfig } from './config.ts';
import { createLimits } from './limits/limits.ts';
import { MailEntity } from './mail/mail.entity.ts';
import { createMailer } from './mail/mailer.ts';
import { sendMails } from './mail/send-mails.ts';
import { usersMigrations } from './migrations/index.ts';
import { createOperator } from './operator/create-operator.ts';
import { createPasswordHasher } from './password/password-hasher.ts';
import { ProfileResolver, ProfileUpdatedResolver } from './profile/profile.resolver.ts';
import { RoleGrantedResolver, RoleResolver, RoleRevokedResolver } from './role/role.resolver.ts';
import type { UsersServices } from './services.ts';
import { RefreshTokenEntity, SessionEntity } from './session/session.entity.ts';
import { SessionOpenedResolver, SessionRefreshedResolver, SessionResolver, UserSessionsResolver } from './session/session.resolver.ts';
import { jwksRoute } from './signing/jwks.ts';
import { createKeyRing } from './signing/key-ring.ts';
import { SigningKeyEntity } from './signing/signing-key.entity.ts';
import { sweepUsers } from './sweep/sweep-users.ts';
import { EmailCodeEntity } from './verification/email-code.entity.ts';
import { EmailVerifiedResolver, VerificationResolver } from './verification/verification.resolver.ts';

export { type UsersConfig, usersConfig as configShape } from './config.ts';
export type { Operator, WantedUser } from './operator/operator.ts';
export type { UsersServices } from './services.ts';

const ENVELOPE_KEY_ID = 'k1';

/** Accounts, sessions, roles and profiles. Connects nothing until it is started or asked. */
export function createSubgraph(config: UsersConfig): Subgraph<UsersServices> {
  const clock = () => new Date();
  const subgraph = defineSubgraph<UsersServices>({
    name: 'users',
    config,
    services: (platform) => createServices(config, platform, clock),
    resolvers: [
      UserResolver,
      RegistrationResolver,
      VerificationResolver,
      EmailVerifiedResolver,
      SessionResolver,
      SessionOpenedResolver,
      SessionRefreshedResolver,
      UserSessionsResolver,
      ProfileResolver,
      ProfileUpdatedResolver,
      RoleResolver,
      RoleGrantedResolver,
      RoleRevokedResolver,
    ],
    references: { User: userReference },
    entities: [UserEntity, EmailCodeEntity, MailEntity, SessionEntity, RefreshTokenEntity, SigningKeyEntity],
    migrations: usersMigrations,
    workers: ({ envelope }, { log }) => [sendMails({ send: createMailer(config), envelope, log }), sweepUsers],
    routes: ({ keys }) => [jwksRoute(keys, clock)],
  });
  return {
    ...subgraph,
    start: async () => {
      await subgraph.services.keys.signingKey(clock()); // made now, so that the first log-in does not wait for it
      await subgraph.start();
    },
  };
}

function createServices(config: UsersConfig, { orm, log }: Platform, clock: () => Date): UsersServices & { close(): Promise<void> } {
  const envelope = createEnvelope({
    keys: { [ENVELOPE_KEY_ID]: deriveKey(config.secret, 'users-envelope').toString('base64') },
    current: ENVELOPE_KEY_ID,
  });
  const passwords = createPasswordHasher();
  const limits = createLimits({ ...config, log });
  const keys = createKeyRing({ orm, envelope });
  const emailKeyOf = (email: string) => directoryKey(config.directorySecret, email);
  return {
    passwords,
    limits,
    keys,
    envelope,
    emailKeyOf,
    codeKey: deriveKey(config.secret, 'email-codes'),
    refreshKey: deriveKey(config.secret, 'refresh-tokens'),
    publicUrl: config.publicUrl,
    operator: createOperator({ orm, passwords, keys, clock, emailKeyOf }),
    close: () => limits.close(),
  };
}
