import {
  IndexError,
  type SavedVectorIndex,
  type VectorExplanation,
  type VectorHit,
  type VectorIndex,
  type VectorIndexParts,
  type VectorItem,
  type VectorSearchOptions,
} from '@skillrl/core';

import { GraphKeeper, type GraphPlan } from './graph-keeper.ts';
import type { Graph } from './graph.ts';
import type { ScanEngine } from './kernel/load-scan.ts';
import { checkLimit, NearestHits } from './nearest-hits.ts';
import type { AllowedRows } from './row-groups.ts';
import { misfit, restoreLabels, restoreRows, saveRows } from './saved-rows.ts';
import { SearchCosts, type SearchChoice } from './search-costs.ts';
import { unitVector, unitVectorOf } from './unit-vector.ts';
import { VectorRows } from './vector-rows.ts';

export interface IndexCoreOptions extends GraphPlan {
  readonly dimensions: number;
  /** Candidates that a walk through the graph looks at, at the least. Default 64: recall .99 and more, as measured up to a million vectors. */
  readonly ef?: number;
  /** `cheaper`: the engine that is expected to be faster; `graph`: the graph wherever it can answer; `graph for all`: wherever there is no filter. */
  readonly prefer: 'cheaper' | 'graph' | 'graph for all';
  /** What the exact search is done with. Default: the fastest that works here. */
  readonly engine?: ScanEngine;
}

/** Restores what `save` gave. @throws {IndexError} `SAVED_INDEX_MISFIT` */
export async function restoreIndexCore(options: IndexCoreOptions, saved: SavedVectorIndex): Promise<IndexCore> {
  checkDimensions(options.dimensions);
  const restored = await restoreRows(options.dimensions, saved);
  const labels = options.when === 'never' ? undefined : await restoreLabels(saved);
  try {
    const index = new IndexCore(options, new VectorRows(options.dimensions, options.engine, restored));
    if (labels !== undefined) index.readGraph(saved['graph']!.path, labels);
    return index;
  } catch (cause) {
    throw cause instanceof RangeError ? misfit(cause.message, cause) : cause;
  }
}

/** An index of rows that are always there and a graph that may be; every search chooses between the two. */
export class IndexCore implements VectorIndex {
  readonly dimensions: number;
  readonly #options: IndexCoreOptions;
  readonly #rows: VectorRows;
  readonly #keeper: GraphKeeper;
  readonly #costs: SearchCosts;
  #isSaving = false;

  constructor(options: IndexCoreOptions, rows?: VectorRows) {
    checkDimensions(options.dimensions);
    this.dimensions = options.dimensions;
    this.#options = options;
    this.#rows = rows ?? new VectorRows(options.dimensions, options.engine);
    this.#costs = new SearchCosts(options.dimensions);
    this.#keeper = new GraphKeeper(this.#rows, options);
    this.#keeper.onGraph = (graph) => this.#tryOut(graph);
  }

  get kind(): 'flat' | 'hnsw' {
    return this.#keeper.graph === undefined ? 'flat' : 'hnsw';
  }

  get size(): number {
    return this.#rows.size;
  }

  add(items: readonly VectorItem[]): void {
    const checked = items.map(({ id, vector, group = '' }) => ({
      id,
      unit: unitVectorOf(id, vector, this.dimensions),
      group,
    }));
    this.#rows.reserve(checked.length);
    for (const { id, unit, group } of checked) {
      const isNew = this.#rows.rowOf(id) === undefined;
      const row = this.#rows.set(id, unit, group);
      if (isNew) this.#keeper.added(row);
      else this.#keeper.changed(row);
    }
    this.#keeper.follow();
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) {
      const removal = this.#rows.delete(id);
      if (removal !== undefined) this.#keeper.removed(removal);
    }
    this.#keeper.follow();
  }

  search(vector: Float32Array, options: VectorSearchOptions): VectorHit[] {
    return [...this.explain(vector, options).hits];
  }

  explain(vector: Float32Array, { limit, filter }: VectorSearchOptions): VectorExplanation {
    checkLimit(limit);
    const unit = unitVector(vector, this.dimensions, 'query');
    const some = this.#rows.allowed(filter);
    const allowed = some?.count ?? this.size;
    if (unit === undefined || allowed === 0) {
      const reason = unit === undefined ? 'a zero vector has no direction' : 'no vector is allowed';
      return { hits: [], engine: 'flat', allowed, looked: 0, rescored: 0, reason };
    }
    const graph = this.#keeper.graph;
    if (graph === undefined) return this.#compare(unit, limit, some, this.#keeper.reason);
    const { size } = this;
    const choice = this.#costs.choose({ limit, allowed, size, ef: this.#ef });
    if (!this.#isWalk(choice, allowed === size))
      return this.#compare(unit, limit, some, `${reasonOf(choice, allowed, size)}, the graph more`);
    return this.#walk(graph, unit, limit, some, choice);
  }

  vectorOf(id: string): Float32Array | undefined {
    const row = this.#rows.rowOf(id);
    return row === undefined ? undefined : this.#rows.units.view(row).slice();
  }

  async save<Result>(write: (parts: VectorIndexParts) => Promise<Result>): Promise<Result> {
    if (this.#isSaving) {
      throw new IndexError({
        code: 'SAVE_RUNNING',
        message: 'The vector index is being saved already.',
        hint: 'Wait until that save has ended.',
      });
    }
    this.#isSaving = true;
    const held = this.#keeper.hold();
    try {
      const graph = held && {
        labels: [new Uint8Array(held.saved().buffer)],
        graph: (path: string): Promise<void> => held.write(path),
      };
      return await write({ ...saveRows(this.#rows), ...graph });
    } finally {
      this.#isSaving = false;
      this.#rows.units.unshare();
      this.#keeper.release(held);
    }
  }

  /** Resolves when nothing is left to do in the background: the graph is whole. */
  settled(): Promise<void> {
    return this.#keeper.settled();
  }

  /** @throws {RangeError} when the labels are not those of its vectors. */
  readGraph(path: string, labels: Int32Array): void {
    this.#keeper.read(path, labels);
  }

  close(): void {
    this.#keeper.close();
    this.#rows.clear();
  }

  get #ef(): number {
    return this.#options.ef ?? 64;
  }

  #isWalk({ engine, wanted }: SearchChoice, isForAll: boolean): boolean {
    switch (this.#options.prefer) {
      case 'cheaper':
        return engine === 'hnsw';
      case 'graph':
        return isForAll || wanted < this.size;
      case 'graph for all':
        return isForAll || engine === 'hnsw';
      default:
        return this.#options.prefer satisfies never;
    }
  }

  #compare(unit: Float32Array, limit: number, some: AllowedRows | undefined, reason: string): VectorExplanation {
    const begin = performance.now();
    const allowed = some?.count ?? this.size;
    const { hits, rescored } = this.#rows.nearest(unit, limit, allowed === this.size ? undefined : some?.list());
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
    const { size } = this;
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
    const { size } = this;
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

/** @throws {IndexError} `DIMENSIONS_INVALID` */
function checkDimensions(dimensions: number): void {
  if (Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= 65_536) return;
  throw new IndexError({
    code: 'DIMENSIONS_INVALID',
    message: `An index was asked for vectors of ${dimensions} numbers: it must be a whole number from 1 to 65,536.`,
    hint: 'Take the number from the embedder that makes the vectors.',
  });
}
