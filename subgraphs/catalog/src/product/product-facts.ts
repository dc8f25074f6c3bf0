import type { MediaInput, ProductOptionInput, SeoInput } from './product.input.ts';
import type { MediaFacts, OptionFacts, SeoFacts } from './product.ts';

// Inputs are instances of input classes: what is stored is plain, and holds the known fields only.

export function mediaFacts(media: readonly MediaInput[]): MediaFacts[] {
  return media.map(({ url, alt }) => ({ url, alt: alt.trim() }));
}

export function optionFacts(options: readonly ProductOptionInput[]): OptionFacts[] {
  return options.map(({ name, values }) => ({ name, values: [...values] }));
}

export function seoFacts(seo: SeoInput | null | undefined): SeoFacts {
  return { title: seo?.title?.trim() || null, description: seo?.description?.trim() || null };
}
