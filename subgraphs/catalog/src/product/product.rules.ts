import { z } from 'zod';
import { line, prose, slugRule } from '../input-rules.ts';
import { areDifferent, variantRules } from '../variant/variant.rules.ts';
import { MAX_VARIANTS } from './product.ts';

const url = z
  .string()
  .max(2_000)
  .refine((text) => URL.canParse(text) && /^https?:\/\//i.test(text), 'must be an http or https URL');

const option = z.object({
  name: line(60),
  values: z.array(line(60)).min(1).max(100).refine(areDifferent, 'must hold each value once'),
});

const details = {
  media: z
    .array(z.object({ url, alt: prose(300) }))
    .max(20)
    .nullish(),
  options: z
    .array(option)
    .max(5)
    .refine((options) => areDifferent(options.map(({ name }) => name)), 'must hold each option once')
    .nullish(),
  seo: z.object({ title: prose(200).nullish(), description: prose(500).nullish() }).nullish(),
  slug: slugRule.nullish(),
  description: prose(20_000).nullish(),
};

export const productRules = z.object({ ...details, title: line(200), variants: z.array(variantRules).max(MAX_VARIANTS).nullish() });
export const productChangeRules = z.object({ ...details, title: line(200).nullish(), expectedVersion: z.number().int().min(1).nullish() });
