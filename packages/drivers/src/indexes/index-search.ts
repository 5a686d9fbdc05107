import type { VectorExplanation, VectorSearchOptions } from '@skillrl/core';

import type { GraphKeeper } from './graph-keeper.ts';
import type { Graph } from './graph.ts';
import { checkLimit, NearestHits } from './nearest-hits.ts';
import type { AllowedRows } from './row-groups.ts';
import { SearchCosts, type SearchChoice } from './search-costs.ts';
import { unitVector } from './unit-vector.ts';
import type { VectorRows } from './vector-rows.ts';

/** How an index searches. */
export interface SearchPlan {
  /** Candidates that a walk through the graph looks at, at the least. Default 64: recall .99 and more, as measured up to a million vectors. */
  readonly ef?: number;
  /** `cheaper`: the engine that is expected to be faster; `graph`: the graph wherever it can answer; `graph for all`: wherever there is no filter. */
  readonly prefer: 'cheaper' | 'graph' | 'graph for all';
}

/** Searches the rows of an index, or walks through its graph: whichever the plan prefers, at costs that are learnt from the searches. */
export class IndexSearch {
  readonly #rows: VectorRows;
  readonly #keeper: GraphKeeper;
  readonly #costs: SearchCosts;
  readonly #plan: SearchPlan;

  constructor(rows: VectorRows, keeper: GraphKeeper, plan: SearchPlan) {
    this.#rows = rows;
    this.#keeper = keeper;
    this.#plan = plan;
    this.#costs = new SearchCosts(rows.dimensions);
    keeper.onGraph = (graph) => this.#tryOut(graph);
  }

  /** As `VectorIndex.explain`. */
  explain(vector: Float32Array, { limit, filter }: VectorSearchOptions): VectorExplanation {
    checkLimit(limit);
    const unit = unitVector(vector, this.#rows.dimensions, 'query');
    const some = this.#rows.allowed(filter);
    const allowed = some?.count ?? this.#rows.size;
    if (unit === undefined || allowed === 0) {
      const reason = unit === undefined ? 'a zero vector has no direction' : 'no vector is allowed';
      return { hits: [], engine: 'flat', allowed, looked: 0, rescored: 0, reason };
    }
    const graph = this.#keeper.graph;
    if (graph === undefined) return this.#compare(unit, limit, some, this.#keeper.reason);
    const { size } = this.#rows;
    const choice = this.#costs.choose({ limit, allowed, size, ef: this.#ef });
    if (!this.#isWalk(choice, allowed === size))
      return this.#compare(unit, limit, some, `${reasonOf(choice, allowed, size)}, the graph more`);
    return this.#walk(graph, unit, limit, some, choice);
  }

  get #ef(): number {
    return this.#plan.ef ?? 64;
  }

  #isWalk({ engine, wanted }: SearchChoice, isForAll: boolean): boolean {
    switch (this.#plan.prefer) {
      case 'cheaper':
        return engine === 'hnsw';
      case 'graph':
        return isForAll || wanted < this.#rows.size;
      case 'graph for all':
        return isForAll || engine === 'hnsw';
      default:
        return this.#plan.prefer satisfies never;
    }
  }

  #compare(unit: Float32Array, limit: number, some: AllowedRows | undefined, reason: string): VectorExplanation {
    const begin = performance.now();
    const allowed = some?.count ?? this.#rows.size;
    const { hits, rescored } = this.#rows.nearest(unit, limit, allowed === this.#rows.size ? undefined : some?.list());
    this.#costs.sawFlat(performance.now() - begin, allowed);
    return { hits, engine: 'flat', allowed, looked: allowed, rescored, reason };
  }

  #walk(
    graph: Graph,
    unit: Float32Array,
    limit: number,
    some: AllowedRows | undefined,
    choice: SearchChoice,
  ): VectorExplanation {
    const { size } = this.#rows;
    const allowed = some?.count ?? size;
    const begin = performance.now();
    const wanted = Math.min(choice.wanted, size);
    const ef = Math.min(choice.ef, size);
    const hits = new NearestHits(Math.min(limit, allowed));
    const offer = (row: number): void => hits.offer(this.#rows.idOf(row), this.#rows.units.similarity(row, unit));
    const found = graph.walk(unit, wanted, ef).filter((row) => some === undefined || some.has(row));
    for (const row of found) offer(row);
    this.#costs.sawWalk(performance.now() - begin, ef);

    const unlinked = this.#unlinked(graph, some);
    const rest = unlinked.length === 0 ? undefined : this.#rows.nearest(unit, limit, unlinked);
    for (const { id, similarity } of rest?.hits ?? []) hits.offer(id, similarity);
    const isShort = hits.count < Math.min(limit, allowed);
    if (allowed < size) this.#costs.sawFilteredWalk(isShort);
    if (isShort) {
      return this.#compare(
        unit,
        limit,
        some,
        `only ${hits.count} of the ${wanted} candidates of the graph were allowed`,
      );
    }
    return {
      hits: hits.sorted(),
      engine: 'hnsw',
      allowed,
      looked: Math.min(ef, size - graph.unlinked.size) + unlinked.length,
      rescored: found.length + (rest?.rescored ?? 0),
      reason: `${reasonOf(choice, allowed, size)}, the graph less`,
    };
  }

  /** Allowed rows that the graph does not know yet. */
  #unlinked(graph: Graph, some: AllowedRows | undefined): Uint32Array {
    if (graph.unlinked.size === 0) return new Uint32Array(0);
    const rows = [...graph.unlinked];
    return Uint32Array.from(some === undefined ? rows : rows.filter((row) => some.has(row)));
  }

  /** A first idea of what searches cost, from some of its own vectors. */
  #tryOut(graph: Graph): void {
    const { size } = this.#rows;
    for (let round = 0; round < 8 && size > 0; round += 1) {
      const unit = this.#rows.units.view(Math.floor((round / 8) * size)).slice();
      let begin = performance.now();
      this.#rows.nearest(unit, 10, Math.min(size, 10_000));
      this.#costs.sawFlat(performance.now() - begin, Math.min(size, 10_000));
      begin = performance.now();
      graph.walk(unit, 10, this.#ef);
      this.#costs.sawWalk(performance.now() - begin, this.#ef);
    }
  }
}

function reasonOf({ flatMs }: SearchChoice, allowed: number, size: number): string {
  const rows = allowed === size ? `all ${size} vectors` : `the ${allowed} of ${size} vectors that are allowed`;
  return `comparing ${rows} would take about ${flatMs.toPrecision(2)} ms`;
}
