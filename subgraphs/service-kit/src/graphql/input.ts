import type { ZodType } from 'zod';
import { InvalidInput } from './problems.ts';

/**
 * Checks input against the rules that the GraphQL type system cannot hold (lengths, ranges, combinations). Answers the refusal to return
 * from the use case, or null when all is well. Paths start at `input`.
 */
export function refuseInvalid(schema: ZodType, input: object): InvalidInput | null {
  const checked = schema.safeParse(input);
  if (checked.success) return null;
  return new InvalidInput(
    checked.error.issues.map((issue) => ({ path: ['input', ...issue.path.map(String)], code: issue.code, message: issue.message })),
  );
}

/** One refusal by hand, for rules that need the database. */
export function invalidField(path: string, code: string, message: string): InvalidInput {
  return new InvalidInput([{ path: ['input', ...path.split('.')], code, message }]);
}
