import type { TrainingRecipe } from './recipe.ts';
import { brierPart, type ScoredRollout } from './rewards.ts';

/**
 * What the tokens of each rollout's stated chance count: its Brier score less the mean score that the group's statements would have had with the
 * same outcome, over their deviation, times `advantage.statements`. So a statement is compared with other statements and not with luck: the outcome, which it hardly
 * decides, is in both.
 *
 * Negatives count whole, whatever the recipe says of those of acting: halved, a chance p would best be stated as p / (p + (1 − p) / 2).
 *
 * @returns one number a rollout, in their order, all 0 when all stated the same; `undefined` for rollouts that cannot be scored, and for all where
 * stated chances earn nothing.
 *
 * Source: ours; a baseline may depend on everything that the credited tokens do not change (Greensmith et al. 2004, JMLR 5).
 */
export function creditStatements(
  scored: readonly ScoredRollout[],
  { reward: { brier }, advantage: { normalise, credit, statements } }: Pick<TrainingRecipe, 'reward' | 'advantage'>,
): (number | undefined)[] {
  if (brier === 0 || credit === 'success') return scored.map(() => undefined);
  const known = scored.filter(({ reward }) => reward !== null);
  const confidences = known.map(({ rollout }) => rollout.episode.calls[0]?.confidence);
  const better = scored.map((one) => {
    if (one.reward === null) return undefined;
    const others = confidences.map((confidence) => brierPart(one.correct, confidence, false, brier) ?? 0);
    return one.stated - mean(others);
  });
  const deviation = Math.sqrt(mean(better.flatMap((value) => (value === undefined ? [] : [value * value]))));
  // As in group advantages: groups that hardly differ are not blown up.
  const factor = statements * (normalise ? brier / (deviation + 1e-4) : 1);
  return better.map((value) => (value === undefined ? undefined : factor * value));
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
