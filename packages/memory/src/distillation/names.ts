/** The class of a numbered name: `cabinet 3` → `cabinet`. A name without a number is its own class. */
export function classOf(name: string): string {
  return name.replace(/ \d+$/u, '');
}

/** Unicode words of a text in lower case, numbers among them. */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** Whether a text names a class of things, as whole words; `mugs` names `mug`. */
export function namesClass(text: string, className: string): boolean {
  return wordsName(wordsOf(text), className);
}

/** The same of a text's words, for who asks them about many classes. */
export function wordsName(words: readonly string[], className: string): boolean {
  const wanted = isPlainWord.test(className) ? [className] : wordsOf(className);
  if (wanted.length === 0) return false;
  return words.some((_, start) => wanted.every((word, offset) => isForm(words[start + offset], word)));
}

const isPlainWord = /^[a-z0-9]+$/;

function isForm(word: string | undefined, base: string): boolean {
  return word === base || word === `${base}s` || word === `${base}es`;
}

/** A word and a number after it. */
export const numberedName = /\p{L}[\p{L}'_-]* \d+/gu;

/** Numbered names in a text, in the order they come, with repetition: `heat mug 1 with microwave 2` → `mug 1`, `microwave 2`. */
export function numberedNames(text: string): string[] {
  return text.match(numberedName) ?? [];
}

/** The text without what numbers tell apart: `take mug 1 from cabinet 3.` → `take mug from cabinet`. */
export function withoutNumbers(text: string): string {
  return text
    .replace(/ \d+\b/gu, '')
    .replace(/\s+/gu, ' ')
    .replace(/[.\s]+$/u, '')
    .trim()
    .toLowerCase();
}
