import { ProviderError } from '../provider-error.ts';
import { askEach } from './errors.ts';

/** The most that Stripe gives at once. */
export const PAGE_SIZE = 100;

/**
 * The first that matches; null when there is none on all pages.
 * @throws ProviderError UNKNOWN when the bound ends the search: not found is then not the same as not there
 */
export async function searchFor<T>(request: () => AsyncIterable<T>, matches: (item: T) => boolean, maxItems: number): Promise<T | null> {
  let seen = 0;
  for await (const item of askEach(request)) {
    if (matches(item)) return item;
    if (++seen >= maxItems) throw new ProviderError('UNKNOWN', 'TOO_MANY_TO_SEARCH');
  }
  return null;
}
