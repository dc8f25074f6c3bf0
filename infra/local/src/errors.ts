export type LocalErrorCode =
  | 'BUILD_FAILED'
  | 'CLOSE_INCOMPLETE'
  | 'DATA_DIR_FOREIGN'
  | 'DATA_DIR_IN_USE'
  | 'DATA_DIR_NOT_WRITABLE'
  | 'NO_FREE_PORT'
  | 'PLATFORM_UNSUPPORTED'
  | 'POSTGRES_BINARIES_MISSING'
  | 'POSTGRES_BINARIES_UNUSABLE'
  | 'POSTGRES_DATA_UNREACHABLE'
  | 'POSTGRES_INIT_FAILED'
  | 'POSTGRES_NAME_INVALID'
  | 'POSTGRES_PASSWORD_MISMATCH'
  | 'POSTGRES_PORT_TAKEN'
  | 'POSTGRES_START_FAILED'
  | 'POSTGRES_VERSION_MISMATCH'
  | 'PROCESS_WILL_NOT_END'
  | 'REDIS_FETCH_FAILED'
  | 'REDIS_MISSING'
  | 'REDIS_PORT_TAKEN'
  | 'REDIS_START_FAILED'
  | 'SECRETS_UNREADABLE'
  | 'STACK_NOT_RUNNING'
  | 'START_STOPPED'
  | 'STORE_USER_MISSING';

/** A refusal of the local stack. The message says what happened and what the reader can do about it. */
export class LocalError extends Error {
  readonly code: LocalErrorCode;

  constructor(code: LocalErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LocalError';
    this.code = code;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of Node's, PostgreSQL's and our own errors; undefined where there is none. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
