/** The whole story is told in one currency: nothing is ever converted. */
export const CURRENCY = 'USD';
