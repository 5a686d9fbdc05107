import { checkMagnitude } from '../check-magnitude.ts';
import { checkFinite, checkSameLength } from '../checks.ts';
import { boundedLogRatio, checkLogProbabilities, type TokenMask } from './log-ratios.ts';

export interface ClipOptions extends TokenMask {
  /** The ratio counts no lower than 1 − low; low in [0, 1]. Default 0.2. */
  readonly low?: number;
  /** The ratio counts no higher than 1 + high; in [0, 1e6]. Default: `low`. DAPO's clip-higher: 0.28. */
  readonly high?: number;
  /** With a negative advantage the loss goes no higher than −advantage · dual; in (1, 1e6]. Default: no such bound. verl: 3. */
  readonly dual?: number;
}

export interface ClippedLoss {
  /** One per token; 0 where masked. */
  readonly losses: Float64Array;
  /** Mean over the tokens that are not masked; `undefined` when there are none, as the shares. */
  readonly mean: number | undefined;
  /** Share of them whose loss is that of the bound ratio, so that they give no gradient. */
  readonly clippedShare: number | undefined;
  /** Share of them held by `dual`. */
  readonly dualShare: number | undefined;
}

/**
 * PPO's clipped objective as a loss per token, for diagnostics: max(−A·r, −A·clip(r, 1 − low, 1 + high)) with r = e^{updated − old}.
 *
 * @param updated - log-probability of each token under the policy that is being updated.
 * @param old - the same under the policy at the start of the update.
 * @param advantages - one for all tokens, or one per token; within ±1e100.
 * @throws {RangeError} when lengths differ or a number is outside its range.
 *
 * Source: PPO, Schulman et al. 2017, arXiv:1707.06347, eq. 7; two bounds: DAPO, arXiv:2503.14476, §3.1; the third: dual-clip PPO, Ye et al. 2019,
 * arXiv:1912.09729, as in verl 0.9, whose log-ratio is held within ±20 too.
 */
export function clippedPolicyLoss(
  updated: ArrayLike<number>,
  old: ArrayLike<number>,
  advantages: number | ArrayLike<number>,
  options: ClipOptions = {},
): ClippedLoss {
  const { low = 0.2, high = low, dual, mask } = options;
  checkLogProbabilities({ updated, old }, mask);
  checkClip(low, high, dual);
  const perToken = typeof advantages === 'number' ? undefined : advantages;
  checkFinite('advantages', perToken ?? [advantages as number]);
  checkMagnitude('advantages', perToken ?? [advantages as number]);
  if (perToken !== undefined) checkSameLength('updated', updated, 'advantages', perToken);

  const losses = new Float64Array(updated.length);
  let tokens = 0;
  let mean = 0;
  let clipped = 0;
  let held = 0;
  for (let token = 0; token < losses.length; token += 1) {
    if (mask !== undefined && mask[token] === 0) continue;
    const advantage = perToken === undefined ? (advantages as number) : perToken[token]!;
    const ratio = Math.exp(boundedLogRatio(updated[token]! - old[token]!));
    const free = -advantage * ratio;
    const bounded = -advantage * Math.min(1 + high, Math.max(1 - low, ratio));
    let loss = Math.max(free, bounded);
    if (bounded > free) clipped += 1;
    if (dual !== undefined && advantage < 0 && loss > -advantage * dual) {
      loss = -advantage * dual;
      held += 1;
    }
    losses[token] = loss;
    tokens += 1;
    mean += (loss - mean) / tokens;
  }
  if (tokens === 0) return { losses, mean: undefined, clippedShare: undefined, dualShare: undefined };
  return { losses, mean, clippedShare: clipped / tokens, dualShare: held / tokens };
}

function checkClip(low: number, high: number, dual: number | undefined): void {
  if (!(low >= 0 && low <= 1)) throw new RangeError(`low is ${low}: give a number in [0, 1], such as 0.2.`);
  if (!(high >= 0 && high <= 1e6)) throw new RangeError(`high is ${high}: give a number in [0, 1e6], such as 0.28.`);
  if (dual !== undefined && !(dual > 1 && dual <= 1e6)) {
    throw new RangeError(`dual is ${dual}: give a number in (1, 1e6], such as 3, or leave it out.`);
  }
}
