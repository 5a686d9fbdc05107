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
import { IndexSearch, type SearchPlan } from './index-search.ts';
import type { ScanEngine } from './kernel/load-scan.ts';
import { misfit, restoreLabels, restoreRows, saveRows } from './saved-rows.ts';
import { unitVectorOf } from './unit-vector.ts';
import { VectorRows } from './vector-rows.ts';

export interface IndexCoreOptions extends GraphPlan, SearchPlan {
  readonly dimensions: number;
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
  readonly #rows: VectorRows;
  readonly #keeper: GraphKeeper;
  readonly #search: IndexSearch;
  #isSaving = false;

  constructor(options: IndexCoreOptions, rows?: VectorRows) {
    checkDimensions(options.dimensions);
    this.dimensions = options.dimensions;
    this.#rows = rows ?? new VectorRows(options.dimensions, options.engine);
    this.#keeper = new GraphKeeper(this.#rows, options);
    this.#search = new IndexSearch(this.#rows, this.#keeper, options);
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

  explain(vector: Float32Array, options: VectorSearchOptions): VectorExplanation {
    return this.#search.explain(vector, options);
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
