/** Scripts that write no blanks between words: their runs are cut into pairs of neighbouring signs. */
const scripts = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]`;
const unspaced = new RegExp(`${scripts}+`, 'gu');
const hasUnspaced = new RegExp(scripts, 'u');

/**
 * Terms of a text for lexical search, in any language: Unicode words in lower case, compatibility forms unified, with repetition.
 * `Résumé, naïve—ＡＢＣ` → `résumé`, `naïve`, `abc`.
 */
export function tokenise(text: string): string[] {
  const plain = text.normalize('NFKC').toLowerCase();
  const words = plain.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return hasUnspaced.test(plain) ? words.flatMap(cutUnspaced) : words;
}

/** Runs of a script without blanks as pairs, what stands between them as it is: `gpt模型x` → `gpt`, `模型`, `x`. */
function cutUnspaced(word: string): string[] {
  const terms: string[] = [];
  let from = 0;
  for (const run of word.matchAll(unspaced)) {
    if (run.index > from) terms.push(word.slice(from, run.index));
    terms.push(...pairs(run[0]));
    from = run.index + run[0].length;
  }
  if (from < word.length) terms.push(word.slice(from));
  return terms;
}

function pairs(run: string): string[] {
  const signs = Array.from(run);
  if (signs.length < 2) return signs;
  return signs.slice(1).map((sign, index) => `${signs[index]}${sign}`);
}
