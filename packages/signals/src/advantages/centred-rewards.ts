/** Deviations below this, or below 1e-12 of the largest reward, are rounding: such a group says nothing. */
const leastDeviation = 1e-6;

/**
 * Each reward minus the mean of its group, on request divided by the group's sample deviation.
 *
 * @param rewards - within ±1e150, `null` when unscorable: it takes no part and gets 0.
 * @returns one number per reward, same order; all 0 with fewer than two rewards that are not null, and when those are equal.
 */
export function centredRewards(
  rewards: ArrayLike<number | null>,
  { normalise, epsilon }: { readonly normalise: boolean; readonly epsilon: number },
): number[] {
  const centred = Array.from({ length: rewards.length }, () => 0);
  let count = 0;
  let sum = 0;
  let largest = 0;
  for (let index = 0; index < rewards.length; index += 1) {
    const reward = rewards[index] ?? null;
    if (reward === null) continue;
    count += 1;
    sum += reward;
    largest = Math.max(largest, Math.abs(reward));
  }
  if (count < 2) return centred;

  const mean = sum / count;
  let squares = 0;
  for (let index = 0; index < rewards.length; index += 1) {
    const reward = rewards[index] ?? null;
    if (reward !== null) squares += (reward - mean) ** 2;
  }
  const deviation = Math.sqrt(squares / (count - 1));
  if (deviation < leastDeviation || deviation < 1e-12 * largest) return centred;

  for (let index = 0; index < rewards.length; index += 1) {
    const reward = rewards[index] ?? null;
    if (reward !== null) centred[index] = normalise ? (reward - mean) / (deviation + epsilon) : reward - mean;
  }
  return centred;
}

/** @throws {RangeError} when epsilon is negative or not finite. */
export function checkEpsilon(epsilon: number): void {
  if (!(epsilon >= 0 && epsilon <= 1)) {
    throw new RangeError(`epsilon is ${epsilon}: give a small number in [0, 1], such as 1e-4.`);
  }
}
