import { checkCount } from '../checks.ts';

/** A text as its tokens: words, subwords, templates of commands. */
export type Tokens = readonly string[];

/** Words of a text: what stands between white space, lower case. */
export function splitWords(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '');
}

/**
 * Every run of n tokens, as a string that two runs share only when they are equal; none when the text is shorter.
 *
 * @throws {RangeError} when n is not a whole number of at least 1.
 */
export function ngrams(tokens: Tokens, n: number): string[] {
  checkCount('n', n, 1);
  // With the length of each token before it, no two different runs give one string.
  const marked = tokens.map((token) => `${token.length}:${token}`);
  return Array.from({ length: Math.max(0, tokens.length - n + 1) }, (_, start) =>
    marked.slice(start, start + n).join(''),
  );
}
