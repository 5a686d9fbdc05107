/**
 * Where the mean of three neighbouring points first reaches a value, straight between points: never the first noisy maximum.
 *
 * @param curve - by rising place.
 * @returns `undefined` when it is never reached.
 */
export function firstReached(
  curve: readonly { readonly at: number; readonly value: number }[],
  wanted: number,
): number | undefined {
  const smooth = curve.map(({ at }, index) => {
    const near = curve.slice(Math.max(0, index - 1), index + 2);
    return { at, value: near.reduce((sum, point) => sum + point.value, 0) / near.length };
  });
  const index = smooth.findIndex(({ value }) => value >= wanted);
  const [before, after] = [smooth[index - 1], smooth[index]];
  if (after === undefined || before === undefined) return after?.at;
  return before.at + ((wanted - before.value) / (after.value - before.value)) * (after.at - before.at);
}
