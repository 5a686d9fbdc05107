import { checkFinite, checkSameLength } from '../checks.ts';

export interface SemanticClassOptions {
  /** Cosine from which two texts mean the same, in [−1, 1]. Default 0.85. */
  readonly similarity?: number;
}

/**
 * Classes of texts that mean the same, by their embeddings, for use as keys of `effectiveDiversity`. Single link: two texts are in one class when a
 * chain of texts leads from one to the other, each similar to the next. So the classes do not depend on the order, but a long chain may join what is
 * far apart; where a key can be computed (the outputs of a program, the final state of an environment), use that instead.
 *
 * @param embeddings - one per text, of equal length, not all zeros; `null` when there is none.
 * @returns one class number per text, from 0 in the order of first appearance; `null` where there is no embedding.
 * @throws {RangeError} when lengths differ, a number is not finite, or an embedding is all zeros.
 *
 * Source: ours. For text there are no execution semantics as in Shypula et al. 2025, arXiv:2504.12522.
 */
export function semanticClasses(
  embeddings: readonly (ArrayLike<number> | null)[],
  options: SemanticClassOptions = {},
): (number | null)[] {
  const { similarity = 0.85 } = options;
  if (!(similarity >= -1 && similarity <= 1))
    throw new RangeError(`similarity is ${similarity}: give a cosine in [−1, 1].`);
  const units = unitVectors(embeddings);
  const parents = units.map((_, index) => index);
  for (const [index, unit] of units.entries()) {
    if (unit === null) continue;
    for (let other = 0; other < index; other += 1) {
      const earlier = units[other] ?? null;
      if (earlier !== null && cosine(unit, earlier) >= similarity - 1e-12) {
        parents[root(parents, index)] = root(parents, other);
      }
    }
  }
  const numbers = new Map<number, number>();
  return units.map((unit, index) => {
    if (unit === null) return null;
    const found = root(parents, index);
    const number = numbers.get(found) ?? numbers.size;
    numbers.set(found, number);
    return number;
  });
}

function root(parents: number[], index: number): number {
  let found = index;
  while (parents[found] !== found) {
    parents[found] = parents[parents[found]!]!;
    found = parents[found]!;
  }
  return found;
}

function unitVectors(embeddings: readonly (ArrayLike<number> | null)[]): (Float64Array | null)[] {
  const first = embeddings.find((embedding) => embedding !== null);
  return embeddings.map((embedding, index) => {
    if (embedding === null) return null;
    checkSameLength(`embeddings[${index}]`, embedding, 'an earlier one', first!);
    checkFinite(`embeddings[${index}]`, embedding);
    return unitVector(Float64Array.from(embedding), index);
  });
}

/** First by the largest entry, so that squares neither overflow nor vanish. */
function unitVector(vector: Float64Array, index: number): Float64Array {
  const largest = vector.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  if (largest === 0) {
    throw new RangeError(
      `embeddings[${index}] is all zeros, which is similar to nothing: give null for a text without meaning.`,
    );
  }
  const scaled = vector.map((value) => value / largest);
  const norm = Math.sqrt(scaled.reduce((sum, value) => sum + value * value, 0));
  return scaled.map((value) => value / norm);
}

function cosine(first: Float64Array, second: Float64Array): number {
  let sum = 0;
  for (let dimension = 0; dimension < first.length; dimension += 1) sum += first[dimension]! * second[dimension]!;
  return sum;
}
