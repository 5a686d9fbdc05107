/**
 * About how many tokens a language model needs for a text: an estimate from above for prose, for where no tokenizer is at hand.
 *
 * A word counts one token for every four letters begun, every other sign one; ideographs and kana one each.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [part] of text.matchAll(
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{M}\p{N}]+|[^\s]/gu,
  )) {
    tokens += Math.ceil(part.length / 4) || 1;
  }
  return tokens;
}
