/** The story cannot go on, or something is not as it must be. The message is for the person who runs it. */
export class StoryFailure extends Error {
  override readonly name = 'StoryFailure';
}

/** @throws StoryFailure with what must hold, when it does not */
export function must(condition: unknown, what: string): asserts condition {
  if (!condition) throw new StoryFailure(what);
}

interface Outcome {
  readonly __typename: string;
  readonly message?: string;
}

/** The outcome of this type. @throws StoryFailure with the refusal, when it is another */
export function mustBe<Result extends Outcome, Name extends Result['__typename']>(
  result: Result,
  name: Name,
  act: string,
): Extract<Result, { readonly __typename: Name }> {
  if (isNamed(result, name)) return result;
  throw new StoryFailure(`${act}: expected ${name}, got ${result.__typename}${result.message ? ` (${result.message})` : ''}.`);
}

function isNamed<Result extends Outcome, Name extends Result['__typename']>(
  result: Result,
  name: Name,
): result is Extract<Result, { readonly __typename: Name }> {
  return result.__typename === name;
}
