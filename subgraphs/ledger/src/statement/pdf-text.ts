import { fileURLToPath } from 'node:url';

export const REGULAR_FONT = fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
export const BOLD_FONT = fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'));

/** Drawn for a character that the font does not have. */
const SUBSTITUTE = '□';
/** Line breaks become spaces; other control and format characters (such as those that turn the direction) are not for paper. */
const BREAKS = /\s+/gu;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;
const MAX_KNOWN = 10_000;

export interface PdfText {
  /** The text as it can be drawn. */
  drawable(text: string): string;
  /** Whether something had to be left out so far. */
  isIncomplete(): boolean;
}

/** @param hasGlyph whether the font has a character, by its code point */
export function createPdfText(hasGlyph: (codePoint: number) => boolean): PdfText {
  const known = new Map<string, string>();
  let isIncomplete = false;
  const drawn = (character: string): string => {
    const before = known.get(character);
    if (before !== undefined) return before;
    const result = hasGlyph(character.codePointAt(0) ?? 0) ? character : SUBSTITUTE;
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(character, result);
    return result;
  };
  return {
    drawable: (text) => {
      const result = [...text.replace(BREAKS, ' ').replace(INVISIBLE, '').normalize('NFC')].map(drawn).join('');
      if (result.includes(SUBSTITUTE)) isIncomplete = true;
      return result;
    },
    isIncomplete: () => isIncomplete,
  };
}
