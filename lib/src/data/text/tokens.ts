export interface WordsOptions {
  /** Whether capitals become small letters; not if not said. */
  readonly lowercase?: boolean;
}

/**
 * The words, numbers and marks of a text in any script: letters with their accents, apostrophes and hyphens inside of
 * words stay with them (`don't`, `well-known`), every other mark is a token of its own.
 */
export function words(text: string, { lowercase = false }: WordsOptions = {}): string[] {
  const found = text.match(/[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*|\p{N}+(?:[.,]\p{N}+)*|[^\s\p{L}\p{M}\p{N}]/gu) ?? [];
  return lowercase ? found.map((word) => word.toLowerCase()) : [...found];
}

/** The characters of a text, one code point each. */
export function characters(text: string): string[] {
  return Array.from(text);
}
