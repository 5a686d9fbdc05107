export interface DispersionWeightOptions {
  /** `power`: σ^p. `top`: the share of tokens with the largest σ, all alike. Default `power`. */
  readonly form?: 'power' | 'top';
  /** p of the power form, in [0, 100]. Default 2. */
  readonly power?: number;
  /** Share of tokens of the top form, in (0, 1]; at least one token. Default 0.1. */
  readonly share?: number;
  /** Tokens with a smaller σ get 0; in nats, > 0. Default 1e-3. */
  readonly least?: number;
}

/**
 * Weights of the reference's tokens that grow with how much they depend on the reasoning.
 *
 * @param dispersion - σ of each token, from `tokenDispersion`.
 * @returns one per token, ≥ 0, of mean 1; all 0 when no token reaches `least`: then the query says nothing and is to be dropped. In the top form,
 *   tokens that tie with the last one chosen are chosen too.
 * @throws {RangeError} when a σ or an option is outside its range.
 *
 * Source: DRO, Xu et al. 2025, arXiv:2506.13351v1, asks for weights that increase with σ and gives no form. Ours: w_j = T σ_j^p / Σ_k σ_k^p, or
 * T / m for the m tokens of the top form. In our toy study the power form with p = 2 ranks reasonings best.
 */
export function dispersionWeights(dispersion: ArrayLike<number>, options: DispersionWeightOptions = {}): Float64Array {
  const { form = 'power', power = 2, share = 0.1, least = 1e-3 } = options;
  check(dispersion, form, power, share, least);
  const tokens = dispersion.length;
  let largest = 0;
  for (let token = 0; token < tokens; token += 1) largest = Math.max(largest, dispersion[token]!);
  const weights = new Float64Array(tokens);
  if (largest < least) return weights;

  const from = form === 'power' ? least : Math.max(least, lastChosen(dispersion, share));
  let sum = 0;
  for (let token = 0; token < tokens; token += 1) {
    const sigma = dispersion[token]!;
    if (sigma < from) continue;
    // By the largest σ, so that no power overflows.
    weights[token] = form === 'power' ? (sigma / largest) ** power : 1;
    sum += weights[token]!;
  }
  for (let token = 0; token < tokens; token += 1) weights[token]! *= tokens / sum;
  return weights;
}

/** The smallest σ among the share of tokens with the largest. */
function lastChosen(dispersion: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(dispersion).sort();
  return sorted[sorted.length - worstCount(sorted.length, share)]!;
}

/** ⌈share · count⌉, at least 1; less 1e-9, since 0.07 · 100 is above 7. */
export function worstCount(count: number, share: number): number {
  return Math.max(1, Math.ceil(share * count - 1e-9));
}

function check(dispersion: ArrayLike<number>, form: string, power: number, share: number, least: number): void {
  for (let token = 0; token < dispersion.length; token += 1) {
    const sigma = dispersion[token];
    if (typeof sigma !== 'number' || !(sigma >= 0 && sigma <= 1e6)) {
      throw new RangeError(`dispersion[${token}] is ${sigma}: give a deviation in [0, 1e6], as tokenDispersion does.`);
    }
  }
  if (form !== 'power' && form !== 'top') throw new RangeError(`form is '${form}': use power or top.`);
  if (!(power >= 0 && power <= 100)) throw new RangeError(`power is ${power}: give a number in [0, 100].`);
  if (!(share > 0 && share <= 1)) throw new RangeError(`share is ${share}: give a number in (0, 1].`);
  if (!(least > 0 && least <= 1e6)) throw new RangeError(`least is ${least}: give a deviation in (0, 1e6].`);
}
