import { checkProbability } from '../checks.ts';
import { seededRandom } from '../statistics/random.ts';
import type { QueryDispersion } from './query-dispersion.ts';

export interface RankedQuery {
  readonly id: string;
  readonly dispersion: QueryDispersion;
}

export interface DispersionFilterOptions {
  /** Share of the comparable queries that stay, in [0, 1]. Default 0.7. */
  readonly keepShare?: number;
  /** Ids that the filter before this one let through. Default none. */
  readonly previous?: readonly string[];
  /** Share of those that stays whatever their rank, in [0, 1]. Default 0.1. */
  readonly carryShare?: number;
  /** Decides which are carried. Default 1. */
  readonly seed?: number;
}

export interface DispersionSelection {
  /** Ids that stay by their rank, largest dispersion first. */
  readonly kept: readonly string[];
  /** Ids that stay only because they are carried over from the filter before. */
  readonly carried: readonly string[];
  readonly dropped: readonly {
    readonly id: string;
    readonly reason: 'low-dispersion' | NonNullable<QueryDispersion['reason']>;
  }[];
}

/**
 * Which queries to train on next: those where reasonings make the most difference to some token of the reference.
 *
 * @param queries - each id once. The order does not matter: of equal dispersions the id that comes first in the order of characters stays.
 * @returns every query in one of the three lists. Of n comparable queries ⌊(1 − keepShare) · n⌋ are dropped. Carried are round(carryShare · previous)
 *   ids drawn from `previous`, as far as the filter would drop them now and they can still be compared.
 * @throws {RangeError} when an id comes twice or a number is outside its range.
 *
 * Source: DRO, Xu et al. 2025, arXiv:2506.13351v1, second data filter: rank by the largest σ, drop the lowest share, carry 10 % of the previous set. Shares and the
 * exclusion of queries without variation are ours.
 */
export function dispersionFilter(
  queries: readonly RankedQuery[],
  options: DispersionFilterOptions = {},
): DispersionSelection {
  const { keepShare = 0.7, previous = [], carryShare = 0.1, seed = 1 } = options;
  checkProbability('keepShare', keepShare);
  checkProbability('carryShare', carryShare);
  checkQueries(queries);

  const comparable = queries
    .flatMap(({ id, dispersion }) => (dispersion.largest === undefined ? [] : [{ id, largest: dispersion.largest }]))
    .toSorted((a, b) => b.largest - a.largest || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
  const stay = comparable.length - Math.floor((1 - keepShare) * comparable.length + 1e-9);
  const low = comparable.slice(stay);
  const drawn = new Set(draw(previous, Math.round(carryShare * previous.length), seed));
  const carried = low.filter((id) => drawn.has(id));
  const dropped: DispersionSelection['dropped'][number][] = low
    .filter((id) => !drawn.has(id))
    .map((id) => ({ id, reason: 'low-dispersion' }));
  for (const { id, dispersion } of queries) {
    if (dispersion.largest === undefined) dropped.push({ id, reason: dispersion.reason ?? 'no-variation' });
  }
  return { kept: comparable.slice(0, stay), carried, dropped };
}

/** `count` of the ids, by a shuffle of their sorted list, so that the order in which they come does not matter. */
function draw(ids: readonly string[], count: number, seed: number): string[] {
  const random = seededRandom(seed);
  const pool = [...new Set(ids)].toSorted();
  for (let place = 0; place < Math.min(count, pool.length); place += 1) {
    const other = place + Math.floor(random() * (pool.length - place));
    [pool[place], pool[other]] = [pool[other]!, pool[place]!];
  }
  return pool.slice(0, count);
}

function checkQueries(queries: readonly RankedQuery[]): void {
  const ids = new Set<string>();
  for (const { id, dispersion } of queries) {
    if (ids.has(id)) throw new RangeError(`Query ${id} comes twice: give each once.`);
    ids.add(id);
    if (dispersion.largest !== undefined && !(dispersion.largest >= 0 && Number.isFinite(dispersion.largest))) {
      throw new RangeError(
        `The dispersion of query ${id} is ${dispersion.largest}: give what queryDispersion returns.`,
      );
    }
  }
}
