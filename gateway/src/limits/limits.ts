import { TesseraError } from '@tessera/service-kit/errors';

/** So many mistakes in the variables of one request are told; then one more says that there are others. */
export const MAX_MISTAKES = 50;

/** Twice what the largest legitimate operation needs. */
export const LIMITS = {
  bodyBytes: 256 * 1024,
  /** For fields that take files or batches, see `LARGE_INPUT_FIELDS`. */
  largeBodyBytes: 1024 * 1024,
  characters: 15_000,
  tokens: 2_000,
  depth: 12,
  /** Standard tools ask for types in types in types. */
  introspectionDepth: 20,
  aliases: 30,
  rootFields: 20,
  mutationFields: 5,
  /** Root fields that log in; more in one request would be guessing in bulk. */
  logInFields: 1,
  directives: 10,
  /** With every fragment written out. */
  fields: 1_000,
  listItems: 250,
  /** More than any field takes, so that the field itself says how many it takes. */
  largeListItems: 1_250,
  inputDepth: 16,
} as const;

export type LimitName = keyof typeof LIMITS;

/** Mutations that take batches, imports or deposits. */
export const LARGE_INPUT_FIELDS: ReadonlySet<string> = new Set(['unitsDeposit', 'transferBatchCreate', 'productsImport']);
export const LOG_IN_FIELDS: ReadonlySet<string> = new Set([
  'sessionOpen',
  'sessionOpenWithProvider',
  'sessionRefresh',
  'userRegister',
  'passwordReset',
  'emailVerify',
]);

/** Answered with 400: the operation was not looked at any further. */
export class LimitExceeded extends TesseraError {
  override readonly name = 'LimitExceeded';
  /** @param path of the input at fault, where it is known */
  constructor(limit: LimitName, path: readonly string[] = []) {
    const [where, place] = path.length > 0 ? [{ path }, `${path.join('.')}: `] : [{}, ''];
    super('OPERATION_NOT_ALLOWED', `${place}${MESSAGES[limit]} (at most ${LIMITS[limit]}).`, { limit, maximum: LIMITS[limit], ...where });
  }
}

const MESSAGES: Readonly<Record<LimitName, string>> = {
  bodyBytes: 'The body is too large',
  largeBodyBytes: 'The body is too large',
  characters: 'The operation has too many characters',
  tokens: 'The operation has too many tokens',
  depth: 'The operation is nested too deeply',
  introspectionDepth: 'The introspection is nested too deeply',
  aliases: 'The operation has too many aliases',
  rootFields: 'The operation has too many root fields',
  mutationFields: 'The operation has too many mutation fields',
  logInFields: 'The operation logs in too often',
  directives: 'The operation has too many directives in one place',
  fields: 'The operation selects too many fields',
  listItems: 'A list in the input is too long',
  largeListItems: 'A list in the input is too long',
  inputDepth: 'The input is nested too deeply',
};
