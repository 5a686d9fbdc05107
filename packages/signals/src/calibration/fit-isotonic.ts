export interface IsotonicFit {
  /** Strictly rising. */
  readonly confidences: readonly number[];
  /** Non-decreasing, one for each of `confidences`. */
  readonly probabilities: readonly number[];
}

/** Outcomes that share one fitted probability. */
interface Block {
  low: number;
  high: number;
  successes: number;
  count: number;
}

/**
 * The non-decreasing function of the confidence that is nearest to the outcomes in squares.
 *
 * Where the confidence separates the outcomes it is exactly 0 or 1: a reason to ask for many outcomes.
 *
 * @param confidences - in [0, 1].
 * @param outcomes - each 0 or 1.
 * @returns first and last confidence of each level; no points without outcomes.
 *
 * Source: pool adjacent violators (Ayer et al. 1955; Zadrozny & Elkan 2002). Equal confidences are pooled first; between levels one
 * interpolates, as scikit-learn's IsotonicRegression does.
 */
export function fitIsotonic(confidences: ArrayLike<number>, outcomes: ArrayLike<number>): IsotonicFit {
  const blocks: Block[] = [];
  for (const one of byConfidence(confidences, outcomes)) {
    let block = one;
    for (let last = blocks.at(-1); last !== undefined && !isBelow(last, block); last = blocks.at(-1)) {
      blocks.pop();
      block = joined(last, block);
    }
    blocks.push(block);
  }
  const points = blocks.flatMap(({ low, high, successes, count }) => {
    const probability = successes / count;
    return low === high ? [[low, probability] as const] : [[low, probability] as const, [high, probability] as const];
  });
  return {
    confidences: points.map(([confidence]) => confidence),
    probabilities: points.map(([, probability]) => probability),
  };
}

/** Linear between the points, constant beyond them. */
export function interpolate(confidences: readonly number[], probabilities: readonly number[], at: number): number {
  let low = 0;
  let high = confidences.length - 1;
  if (at <= confidences[low]!) return probabilities[low]!;
  if (at >= confidences[high]!) return probabilities[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (confidences[middle]! <= at) low = middle;
    else high = middle;
  }
  const share = (at - confidences[low]!) / (confidences[high]! - confidences[low]!);
  return probabilities[low]! + share * (probabilities[high]! - probabilities[low]!);
}

/** One block for each confidence that occurs, rising. */
function byConfidence(confidences: ArrayLike<number>, outcomes: ArrayLike<number>): Block[] {
  const order = Uint32Array.from({ length: outcomes.length }, (_, index) => index);
  order.sort((a, b) => confidences[a]! - confidences[b]!);
  const blocks: Block[] = [];
  for (const index of order) {
    const confidence = confidences[index]!;
    const last = blocks.at(-1);
    if (last?.high === confidence) {
      last.successes += outcomes[index]!;
      last.count += 1;
    } else {
      blocks.push({ low: confidence, high: confidence, successes: outcomes[index]!, count: 1 });
    }
  }
  return blocks;
}

/** Compares shares by whole numbers, so that equal shares are equal however they arose. */
function isBelow(first: Block, second: Block): boolean {
  return first.successes * second.count < second.successes * first.count;
}

function joined(first: Block, second: Block): Block {
  return {
    low: first.low,
    high: second.high,
    successes: first.successes + second.successes,
    count: first.count + second.count,
  };
}
