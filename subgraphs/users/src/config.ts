import { type Config, commonConfig, httpUrl, integer, secret, variable } from '@tessera/service-kit/config';
import { z } from 'zod';

const MAX_LIMIT = 1_000_000;

/** The only file that knows variable names. */
export const usersConfig = {
  ...commonConfig('USERS'),
  /** Shared with the ledger and nobody else: the key of the recipient directory. */
  directorySecret: variable('DIRECTORY_SECRET', secret()),
  smtpUrl: variable('SMTP_URL', smtpUrl()),
  mailFrom: variable(
    'MAIL_FROM',
    z
      .string()
      .min(3)
      .max(320)
      .regex(/^[^\r\n]+$/, 'one line')
      .default('Tessera <no-reply@tessera.example>'),
  ),
  /** Where people reach the platform; letters name it. */
  publicUrl: variable('PUBLIC_URL', httpUrl()),
  /** Failed log-ins per account within 10 minutes; as many wrong codes, counted apart. */
  loginLimitPerAccount: variable('USERS_LOGIN_LIMIT_PER_ACCOUNT', limit(10)),
  /** Failed log-ins and codes per client address within 10 minutes. */
  loginLimitPerAddress: variable('USERS_LOGIN_LIMIT_PER_ADDRESS', limit(100)),
  /** Registrations and wanted mails per client address within an hour. */
  registerLimitPerAddress: variable('USERS_REGISTER_LIMIT_PER_ADDRESS', limit(100)),
};

export type UsersConfig = Config<typeof usersConfig>;

function limit(usual: number) {
  return integer(1, MAX_LIMIT).default(usual);
}

function smtpUrl() {
  const expected = 'an SMTP URL (smtp://… or smtps://…)';
  return z.string({ error: expected }).refine((text) => /^smtps?:$/.test(URL.canParse(text) ? new URL(text).protocol : ''), expected);
}
