/**
 * The tokens with which a stop text may come to its end: sampled up to one of these, a text holds the stop text or has to go on, and no token
 * after it was sampled in vain.
 *
 * @param tokens - by id, the bytes it stands for.
 * @param stop - texts, none empty.
 * @returns ids, ascending.
 */
export function stopIds(tokens: readonly (Uint8Array | undefined)[], stop: readonly string[]): readonly number[] {
  const ends = stop.map((text) => Buffer.from(text, 'utf8'));
  return [...tokens.keys()].filter((id) => {
    const token = tokens[id];
    return token !== undefined && ends.some((end) => mayComplete(Buffer.from(token), end));
  });
}

/** Whether the token holds the whole end, or begins with the last part of it. */
function mayComplete(token: Buffer, end: Buffer): boolean {
  if (token.includes(end)) return true;
  const most = Math.min(token.length, end.length - 1);
  for (let length = 1; length <= most; length += 1) {
    if (token.subarray(0, length).equals(end.subarray(end.length - length))) return true;
  }
  return false;
}
