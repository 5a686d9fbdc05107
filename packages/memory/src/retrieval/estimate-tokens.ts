/**
 * About how many tokens a language model needs for a text: an estimate from above for prose, for where no tokenizer is at hand.
 *
 * A word counts one token for every four letters begun, every other sign one; ideographs and kana one each, unless they stand within a word.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  /** UTF-16 units of the word so far. */
  let letters = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    let kind = kinds[unit]!;
    let units = 1;
    if (kind === unseen) {
      const code = text.codePointAt(at)!;
      units = code > 0xff_ff ? 2 : 1;
      kind = kindOf(String.fromCodePoint(code));
      // A half without its other half is a sign of its own, a half of a pair is not.
      if (units === 1 && (unit < 0xd8_00 || unit > 0xdf_ff)) kinds[unit] = kind;
      at += units - 1;
    }
    if (kind === letter || (kind === ideograph && letters > 0)) {
      tokens += ((letters + units + 3) >> 2) - ((letters + 3) >> 2);
      letters += units;
    } else {
      letters = 0;
      if (kind !== blank) tokens += 1;
    }
  }
  return tokens;
}

const [unseen, blank, letter, ideograph, other] = [0, 1, 2, 3, 4] as const;

/** Kinds of UTF-16 units, each worked out when it is first seen; halves of a pair stay unseen. */
const kinds = new Uint8Array(0x1_00_00);

function kindOf(sign: string): number {
  if (/\s/u.test(sign)) return blank;
  // A radical is of a script without being a letter: it stands within no word.
  if (!/[\p{L}\p{M}\p{N}]/u.test(sign)) return other;
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(sign) ? ideograph : letter;
}
