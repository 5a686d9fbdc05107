/**
 * The words of a text in lower case, numbers included: `fooBar_baz 2` gives `foo`, `bar`, `baz`, `2`. Letters are those of every script.
 */
export function splitWords(text: string): string[] {
  const spaced = /[a-z\d][A-Z]/.test(text) ? text.replace(/([a-z\d])([A-Z])/g, '$1 $2') : text;
  return spaced.toLowerCase().match(/[\p{L}\p{M}]+|\p{N}+/gu) ?? [];
}
