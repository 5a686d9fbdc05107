const isPlain = /^\p{ASCII}*$/u;

/**
 * About how many tokens a language model needs for a text: an estimate from above for prose, for where no tokenizer is at hand.
 *
 * A word counts one token for every four letters begun, every other sign one; ideographs and kana one each.
 */
export function estimateTokens(text: string): number {
  return isPlain.test(text) ? plainTokens(text) : anyTokens(text);
}

function anyTokens(text: string): number {
  let tokens = 0;
  for (const [part] of text.matchAll(
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{M}\p{N}]+|[^\s]/gu,
  )) {
    tokens += Math.ceil(part.length / 4) || 1;
  }
  return tokens;
}

/** The same for ASCII, sign by sign. */
function plainTokens(text: string): number {
  let tokens = 0;
  let letters = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if ((code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90)) {
      if ((letters & 3) === 0) tokens += 1;
      letters += 1;
      continue;
    }
    letters = 0;
    if (code !== 32 && (code < 9 || code > 13)) tokens += 1;
  }
  return tokens;
}
