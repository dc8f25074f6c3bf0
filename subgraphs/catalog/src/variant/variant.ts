/** Rules of variants: which of them may stand side by side in one product. Plain data in, decision out. */
import type { OptionFacts, PriceFacts } from '../product/product.ts';

export interface OptionValueFacts {
  readonly name: string;
  readonly value: string;
}

export interface AttributeFacts {
  readonly name: string;
  readonly value: string;
}

export interface VariantChoice {
  readonly sku: string;
  readonly optionValues: readonly OptionValueFacts[];
}

export interface MisfitIssue {
  readonly code: 'option_missing' | 'option_unknown' | 'value_unknown' | 'combination_taken' | 'sku_repeated';
  readonly message: string;
}

/** The first thing that keeps these variants from being sold side by side; null when nothing does. */
export function misfitOf(options: readonly OptionFacts[], variants: readonly VariantChoice[]): MisfitIssue | null {
  const skus = new Set<string>();
  const combinations = new Set<string>();
  for (const { sku, optionValues } of variants) {
    const wrong = wrongChoice(options, optionValues);
    if (wrong) return { ...wrong, message: `${sku}: ${wrong.message}` };
    if (skus.has(sku)) return { code: 'sku_repeated', message: `${sku}: two variants have this sku.` };
    skus.add(sku);
    const combination = JSON.stringify(inOrder(options, optionValues).map(({ value }) => value));
    if (combinations.has(combination)) return { code: 'combination_taken', message: `${sku}: another variant has the same option values.` };
    combinations.add(combination);
  }
  return null;
}

function wrongChoice(options: readonly OptionFacts[], chosen: readonly OptionValueFacts[]): MisfitIssue | null {
  const unknown = chosen.find(({ name }) => !options.some((option) => option.name === name));
  if (unknown) return { code: 'option_unknown', message: `the product has no option ${unknown.name}.` };
  for (const { name, values } of options) {
    const choices = chosen.filter((choice) => choice.name === name);
    if (choices.length !== 1) return { code: 'option_missing', message: `exactly one value of ${name} must be chosen.` };
    if (!choices.every(({ value }) => values.includes(value)))
      return { code: 'value_unknown', message: `${name} has no value ${choices[0]?.value}.` };
  }
  return null;
}

/** Option values as the product lists its options, whatever order the client chose. */
export function inOrder(options: readonly OptionFacts[], chosen: readonly OptionValueFacts[]): OptionValueFacts[] {
  return options.flatMap(({ name }) => chosen.filter((choice) => choice.name === name)).map(({ name, value }) => ({ name, value }));
}

/** `Black / XL`, or the product's title where there is nothing to choose. */
export function defaultTitle(productTitle: string, optionValues: readonly OptionValueFacts[], maxLength: number): string {
  const title = optionValues.map(({ value }) => value).join(' / ') || productTitle;
  return title.slice(0, maxLength).trim();
}

/** Whether the same amounts are asked, in the same order (the first one is the default currency). */
export function samePrices(left: readonly PriceFacts[], right: readonly PriceFacts[]): boolean {
  return (
    left.length === right.length && left.every(({ currency, minor }, at) => right[at]?.currency === currency && right[at].minor === minor)
  );
}
