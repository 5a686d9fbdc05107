export interface TokeniseOptions {
  /** Also each ideograph by itself, so that a query of a single one finds it in a longer run. Default `false`. */
  readonly withSingles?: boolean;
  /** Receives the terms that stand for a compound as a whole. */
  readonly wholes?: Set<string>;
}

/** A run of letters, marks and digits, or several joined as in code: `snake_case`, `kebab-case`, `foo.bar`, `a/b`, `std::vec`, `2.10.3`. */
const plainChunk = /[a-zA-Z0-9]+(?:(?:[./\\-]|_+|::)[a-zA-Z0-9]+)*/g;
const word = String.raw`[\p{L}\p{N}][\p{L}\p{M}\p{N}]*`;
const chunk = new RegExp(
  String.raw`${word}(?:(?:[./\\-]|_+|::)${word})*|\p{RI}{2}|(?![\p{L}\p{N}])\p{Extended_Pictographic}`,
  'gu',
);
/** What is no part of a word but may stand within one: soft hyphens, joiners, variation selectors, skin tones, keycaps. */
const unseen = /(?!\u200B)\p{Default_Ignorable_Code_Point}|\p{Emoji_Modifier}|\u20E3/gu;
const isPlain = /^\p{ASCII}*$/u;
const isCompound = /[./\\_:-]|[\p{Ll}\p{N}]\p{Lu}|\p{Lu}{2}\p{Ll}/u;
const isPlainCompound = /[./\\_:-]|[a-z0-9][A-Z]|[A-Z]{2}[a-z]/;
/** Between `parse` and `HTTP`, and between `HTTP` and `Response`; not in `URLs`. */
const humps = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})(?!\p{Lu}s(?!\p{L}))/u;
const separators = [/\/|\\|::/u, /\./u, /-/u, /_+/u, humps];
/** Scripts that write no blanks between words, or put endings on them: their runs are cut into pairs of neighbouring signs. */
const scripts = String.raw`\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}`;
const unspaced = new RegExp(`[${scripts}][${scripts}\\p{M}]*`, 'gu');
const hasUnspaced = new RegExp(`[${scripts}]`, 'u');
const ideograph = /^\p{Script=Han}$/u;

/**
 * Terms of a text for lexical search, in any language: Unicode words in lower case, compatibility forms unified, with repetition.
 * `Résumé, naïve—ＡＢＣ` → `résumé`, `naïve`, `abc`. An emoji is a word.
 *
 * Words joined as in code are terms as a whole and in their parts: `parseHTTPResponse` → `parsehttpresponse`, `parse`, `http`, `response`;
 * `src/http-client.ts` → that, `src`, `http-client.ts`, `http-client`, `http`, `client`, `ts`; `v2.10.3` → `2.10.3`, `v2`, `10`, `3`. Runs of
 * scripts without blanks, and of Hangul, are cut into pairs.
 */
export function tokenise(text: string, options: TokeniseOptions = {}): string[] {
  const terms: string[] = [];
  if (isPlain.test(text)) {
    for (const part of text.match(plainChunk) ?? []) {
      if (isPlainCompound.test(part)) addCompound(terms, part, options);
      else terms.push(part.toLowerCase());
    }
    return terms;
  }
  for (const part of text.normalize('NFKC').replace(unseen, '').match(chunk) ?? []) {
    if (hasUnspaced.test(part)) addUnspaced(terms, part, options);
    else addChunk(terms, part, options);
  }
  return terms;
}

function addChunk(terms: string[], part: string, options: TokeniseOptions): void {
  if (isCompound.test(part)) addCompound(terms, part, options);
  else terms.push(folded(part));
}

/** The whole, then its parts, from the coarsest separator to the finest. */
function addCompound(terms: string[], part: string, options: TokeniseOptions, level = 0): void {
  const separator = separators[level];
  if (separator === undefined) {
    terms.push(folded(part));
    return;
  }
  const parts = part.split(separator);
  if (parts.length > 1) {
    const whole = folded(wholeOf(part));
    terms.push(whole);
    options.wholes?.add(whole);
  }
  for (const each of parts) addCompound(terms, each, options, level + 1);
}

/** A version is one number, with a `v` before it or without. */
function wholeOf(part: string): string {
  return /^v\d+\./iu.test(part) ? part.slice(1) : part;
}

/** In lower case as for a comparison without regard to case: `ß` is `ss`, a final sigma a sigma, a dotted capital I an i. */
function folded(part: string): string {
  const lower = part.toLowerCase();
  return isPlain.test(lower) ? lower : lower.replaceAll('ß', 'ss').replaceAll('ς', 'σ').replaceAll('i̇', 'i');
}

/** Runs of a script without blanks as pairs, what stands between them as it is: `gpt模型x` → `gpt`, `模型`, `x`. */
function addUnspaced(terms: string[], part: string, options: TokeniseOptions): void {
  let from = 0;
  for (const run of part.matchAll(unspaced)) {
    if (run.index > from) addBetween(terms, part.slice(from, run.index), options);
    addPairs(terms, Array.from(run[0]), options);
    from = run.index + run[0].length;
  }
  if (from < part.length) addBetween(terms, part.slice(from), options);
}

function addBetween(terms: string[], part: string, options: TokeniseOptions): void {
  for (const each of part.match(chunk) ?? []) addChunk(terms, each, options);
}

function addPairs(terms: string[], signs: readonly string[], { withSingles = false }: TokeniseOptions): void {
  if (signs.length === 1) terms.push(signs[0]!);
  for (let at = 1; at < signs.length; at += 1) terms.push(`${signs[at - 1]}${signs[at]}`);
  if (withSingles && signs.length > 1) terms.push(...signs.filter((sign) => ideograph.test(sign)));
}
