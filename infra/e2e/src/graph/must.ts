/** The value, where its absence would make the rest of a test pointless. */
export function must<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`There must be ${what}.`);
  return value;
}

/** The outcome of a mutation, where every other one would make the rest of a test pointless. */
export function mustBe<Result extends { readonly __typename: string }, Name extends Result['__typename']>(
  result: Result,
  name: Name,
): Extract<Result, { readonly __typename: Name }> {
  if (result.__typename !== name) throw new Error(`Expected ${name}: ${JSON.stringify(result)}`);
  return result as Extract<Result, { readonly __typename: Name }>; // its name was just compared
}
