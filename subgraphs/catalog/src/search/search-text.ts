/** How text becomes words: the same for what is indexed and what is asked, so that both meet. Pure. */

const MAX_WORDS = 12;
const MAX_WORD_LENGTH = 40;

/** Lower case, without accents, letters and digits only: `Café-Crème 2.0` → `cafe creme 2 0`. */
export function plainText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** What is searched for: each word may be the start of a longer one. Null when the text holds no word. */
export function prefixQuery(text: string): string | null {
  const words = plainText(text).split(' ').filter(Boolean).slice(0, MAX_WORDS);
  return words.length === 0 ? null : words.map((word) => `${[...word].slice(0, MAX_WORD_LENGTH).join('')}:*`).join(' & ');
}
