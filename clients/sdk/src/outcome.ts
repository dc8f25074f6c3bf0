type Named = { readonly __typename: string };

/**
 * Narrows the result of a mutation: the outcome when it is of this type, else null.
 *
 *     const placed = outcome(data.checkoutComplete, 'CheckoutCompleted');
 *     if (!placed) show(data.checkoutComplete);
 */
export function outcome<Result extends Named, Name extends Result['__typename']>(
  result: Result,
  name: Name,
): Extract<Result, { readonly __typename: Name }> | null {
  return isOutcome(result, name) ? result : null;
}

export function isOutcome<Result extends Named, Name extends Result['__typename']>(
  result: Result,
  name: Name,
): result is Extract<Result, { readonly __typename: Name }> {
  return result.__typename === name;
}
