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

/** Kinds of ASCII signs: 0 for blanks, 1 for letters and digits, 2 for the rest. */
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const sign = String.fromCharCode(code);
  if (/\s/u.test(sign)) return 0;
  return /[a-zA-Z0-9]/u.test(sign) ? 1 : 2;
});

/** The same for ASCII, sign by sign. */
function plainTokens(text: string): number {
  let tokens = 0;
  let letters = 0;
  for (let at = 0; at < text.length; at += 1) {
    const kind = kinds[text.charCodeAt(at)]!;
    if (kind === 1) {
      // The first letter of each four.
      if ((letters & 3) === 0) tokens += 1;
      letters += 1;
    } else {
      letters = 0;
      tokens += kind >> 1;
    }
  }
  return tokens;
}
