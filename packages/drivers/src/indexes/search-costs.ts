/** What a search is asked for. */
export interface SearchDemand {
  readonly limit: number;
  /** Vectors that the filter allows, and all vectors. */
  readonly allowed: number;
  readonly size: number;
  /** Candidates that a walk through the graph looks at, for some ten hits without a filter. */
  readonly ef: number;
}

export interface SearchChoice {
  readonly engine: 'flat' | 'hnsw';
  /** Hits to ask the graph for: more than the limit when a filter takes some away. */
  readonly wanted: number;
  /** Candidates that a walk must look at. */
  readonly ef: number;
  readonly flatMs: number;
  readonly graphMs: number;
}

/** What searches cost on this machine and at this size, learnt from the searches themselves; decides which engine answers. */
export class SearchCosts {
  /** Of one row compared. */
  readonly #row: RunningMedian;
  /** Of one candidate of a walk. */
  readonly #candidate: RunningMedian;
  /** How often a filtered walk had too few allowed candidates, so that the exact search had to follow. */
  #shortShare = 0;

  constructor(dimensions: number) {
    // Measured at 384 numbers: 16 ns a row, 2 µs a candidate.
    this.#row = new RunningMedian((dimensions / 384) * 16e-6);
    this.#candidate = new RunningMedian((dimensions / 384) * 2e-3);
  }

  choose({ limit, allowed, size, ef }: SearchDemand): SearchChoice {
    const share = allowed / size;
    const isFiltered = allowed < size;
    // A third more than on average are needed, and some: the allowed are not spread evenly.
    const wanted = isFiltered ? Math.ceil((limit * 1.3 + 8) / share) : limit;
    // The allowed hits lie as deep as this among all; so deep the graph misses some unless it looks at twice as many.
    const depth = limit / share;
    const needed = Math.max(ef, wanted, Math.ceil((ef * 2) / 3 + 2 * depth));
    const flatMs = this.#row.value * allowed;
    const walkMs = this.#candidate.value * (needed + descent);
    const graphMs = walkMs + (isFiltered ? this.#shortShare * flatMs : 0);
    const engine = wanted < size && graphMs < flatMs ? 'hnsw' : 'flat';
    // A share that is never looked at again would keep the graph out for good.
    if (isFiltered && engine === 'flat') this.#shortShare *= 0.98;
    return { engine, wanted, ef: needed, flatMs, graphMs };
  }

  sawFlat(ms: number, rows: number): void {
    // The fixed part of a short scan says nothing of a row.
    if (rows >= 1000) this.#row.see(ms / rows);
  }

  sawWalk(ms: number, candidates: number): void {
    this.#candidate.see(ms / (candidates + descent));
  }

  sawFilteredWalk(wasShort: boolean): void {
    this.#shortShare += 0.1 * ((wasShort ? 1 : 0) - this.#shortShare);
  }
}

/** A walk costs about so many candidates before it looks at any: handing over the query, finding the place to begin. */
const descent = 16;

/** Follows the median of what it sees: each value moves it by a fiftieth towards itself, so that one that was interrupted weighs no more. */
class RunningMedian {
  value: number;

  constructor(first: number) {
    this.value = first;
  }

  see(value: number): void {
    this.value *= value > this.value ? 1.02 : 1 / 1.02;
  }
}
