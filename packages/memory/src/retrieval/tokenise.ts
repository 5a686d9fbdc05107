/** Scripts that write no blanks between words: their runs are cut into pairs of neighbouring signs. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;

/**
 * Terms of a text for lexical search, in any language: Unicode words in lower case, compatibility forms unified, with repetition.
 * `Résumé, naïve—ＡＢＣ` → `résumé`, `naïve`, `abc`.
 */
export function tokenise(text: string): string[] {
  const terms: string[] = [];
  for (const [word] of text
    .normalize('NFKC')
    .toLowerCase()
    .matchAll(/[\p{L}\p{M}\p{N}]+/gu)) {
    let from = 0;
    for (const run of word.matchAll(unspaced)) {
      if (run.index > from) terms.push(word.slice(from, run.index));
      terms.push(...pairs(run[0]));
      from = run.index + run[0].length;
    }
    if (from < word.length) terms.push(word.slice(from));
  }
  return terms;
}

function pairs(run: string): string[] {
  const signs = Array.from(run);
  if (signs.length < 2) return signs;
  return signs.slice(1).map((sign, index) => `${signs[index]}${sign}`);
}
