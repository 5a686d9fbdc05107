/**
 * What may come after these tokens, judged by what came after the same two, or the same one, when they were last seen in them.
 *
 * A guess is evaluated together with the token before it. A right one saves an evaluation, a wrong one changes nothing but time:
 * each token is still drawn from the model's distribution. In text that repeats itself, as commands do, about half are right.
 *
 * Source: prompt lookup, as in Saxena 2023, with a guess of one token.
 *
 * @param ids - the prompt and what was sampled since, not empty.
 */
export function guessNext(ids: readonly number[]): number {
  const last = ids.at(-1) ?? 0;
  const beforeLast = ids.at(-2);
  let guess: number | undefined;
  for (let index = ids.length - 2; index >= 0; index -= 1) {
    if (ids[index] !== last) continue;
    if (ids[index - 1] === beforeLast) return ids[index + 1] ?? last;
    guess ??= ids[index + 1];
  }
  return guess ?? last;
}
