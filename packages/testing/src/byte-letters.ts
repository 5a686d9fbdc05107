/** GPT-2's printable stand-ins for the 256 bytes: printable ones stand for themselves, the others from U+0100 on. */
export const byteLetters: readonly string[] = (() => {
  const table: string[] = [];
  let next = 256;
  for (let byte = 0; byte < 256; byte += 1) {
    const isPrintable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    table.push(String.fromCodePoint(isPrintable ? byte : next));
    if (!isPrintable) next += 1;
  }
  return table;
})();
