export interface GraphqlAnswer {
  readonly data?: unknown;
  readonly errors?: unknown;
}

/** The first that is not as all must be: data without errors, with the same values under the same keys in the same order. */
export function otherAnswer(answers: readonly GraphqlAnswer[]): GraphqlAnswer | undefined {
  const expected = JSON.stringify(answers[0]?.data);
  return answers.find(({ data, errors }) => !data || errors !== undefined || JSON.stringify(data) !== expected);
}
