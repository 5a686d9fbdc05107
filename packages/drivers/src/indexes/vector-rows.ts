import type { VectorHit } from '@skillrl/core';

import { findScanEngine, type ScanEngine } from './kernel/load-scan.ts';
import { NearestHits } from './nearest-hits.ts';
import { RowCodes } from './row-codes.ts';
import { RowGroups, type AllowedRows, type SavedGroups } from './row-groups.ts';
import { SmallestOfLargest } from './smallest-of-largest.ts';
import { UnitRows } from './unit-rows.ts';

/** What happens to a row's number when another row is removed. */
export interface RowRemoval {
  readonly removed: number;
  /** The row that now has the removed one's number; the same when it was the last. */
  readonly moved: number;
}

export interface ExactHits {
  readonly hits: VectorHit[];
  /** How many rows were compared in full precision. */
  readonly rescored: number;
}

/**
 * The vectors of an index, numbered without gaps, with their ids and groups, and the exact search over them. What the flat index is, and what
 * the graph index falls back to.
 */
export class VectorRows {
  readonly dimensions: number;
  readonly #engine: ScanEngine;
  #ids: string[];
  #rowOf = new Map<string, number>();
  #units: UnitRows;
  #groups: RowGroups;
  /** Made when there are enough rows to be worth a memory of its own. */
  #codes: RowCodes | undefined;

  /**
   * @param engine - what the exact search is done with. Default: the fastest that works here.
   * @param restored - what the rows begin with.
   * @throws {RangeError} when an id comes twice.
   */
  constructor(dimensions: number, engine: ScanEngine = defaultEngine(), restored?: RestoredRows) {
    this.dimensions = dimensions;
    this.#engine = engine;
    this.#ids = [...(restored?.ids ?? [])];
    this.#units = restored?.units ?? new UnitRows(dimensions);
    this.#groups = restored === undefined ? new RowGroups() : RowGroups.of(restored.groups);
    for (let row = 0; row < this.#ids.length; row += 1) this.#rowOf.set(this.#ids[row]!, row);
    if (this.#rowOf.size < this.#ids.length) throw new RangeError('an id comes twice');
    this.#encode();
  }

  get size(): number {
    return this.#ids.length;
  }

  rowOf(id: string): number | undefined {
    return this.#rowOf.get(id);
  }

  idOf(row: number): string {
    return this.#ids[row]!;
  }

  get ids(): readonly string[] {
    return this.#ids;
  }

  get groups(): RowGroups {
    return this.#groups;
  }

  get units(): UnitRows {
    return this.#units;
  }

  /** Makes room for so many more, so that adding them cannot fail half-way. @throws {IndexError} `INDEX_FULL` */
  reserve(more: number): void {
    this.#codes?.reserve(this.size + more);
  }

  /** Adds or replaces; `unit` must be of unit length. @returns its row. */
  set(id: string, unit: Float32Array, group: string): number {
    let row = this.#rowOf.get(id);
    if (row === undefined) {
      row = this.#ids.push(id) - 1;
      this.#rowOf.set(id, row);
      this.#groups.push(group);
    } else {
      this.#groups.change(row, group);
    }
    this.#units.set(row, unit);
    if (this.#codes === undefined) this.#encode();
    else {
      this.#codes.reserve(row + 1);
      this.#codes.set(row, unit);
    }
    return row;
  }

  /** The last row takes the number of the one removed. */
  delete(id: string): RowRemoval | undefined {
    const removed = this.#rowOf.get(id);
    if (removed === undefined) return undefined;
    const moved = this.size - 1;
    this.#rowOf.delete(id);
    this.#groups.remove(removed);
    const last = this.#ids.pop()!;
    if (moved !== removed) {
      this.#ids[removed] = last;
      this.#rowOf.set(last, removed);
      this.#units.move(moved, removed);
      this.#codes?.move(moved, removed);
    }
    return { removed, moved };
  }

  /** The exact answer, by falling similarity, ties by id: of all rows, or of those of a list. */
  nearest(unit: Float32Array, limit: number, list: Uint32Array | number = this.size): ExactHits {
    const count = typeof list === 'number' ? list : list.length;
    const hits = new NearestHits(Math.min(limit, count));
    const codes = this.#codes;
    codes?.prepare(unit);
    const compare = (row: number): void => {
      const units = this.#units;
      const similarity = codes === undefined ? units.similarity(row, unit) : codes.similarity(units.view(row));
      hits.offer(this.#ids[row]!, similarity);
    };
    // Where an eighth of the rows is wanted, looking at the codes first saves nothing.
    if (codes === undefined || count < fewListed || limit > count / 8) {
      for (let at = 0; at < count; at += 1) compare(typeof list === 'number' ? at : list[at]!);
      return { hits: hits.sorted(), rescored: count };
    }
    const { rows, bounds } = codes.candidates(unit, limit, list);
    // First those with the highest bounds: after them, most of the others are known to be too far.
    const best = new SmallestOfLargest(limit);
    for (const bound of bounds) best.offer(bound);
    const first = best.smallest;
    let rescored = 0;
    for (const isFirst of [true, false]) {
      for (let at = 0; at < rows.length; at += 1) {
        if (bounds[at]! >= first !== isFirst || bounds[at]! < hits.least) continue;
        compare(rows[at]!);
        rescored += 1;
      }
    }
    return { hits: hits.sorted(), rescored };
  }

  /** The rows that a filter allows; without a filter, all. */
  allowed(filter: ((group: string) => boolean) | undefined): AllowedRows | undefined {
    return filter === undefined ? undefined : this.#groups.allowed(filter);
  }

  clear(): void {
    this.#ids = [];
    this.#rowOf = new Map();
    this.#units = new UnitRows(this.dimensions);
    this.#groups = new RowGroups();
    this.#codes = undefined;
  }

  #encode(): void {
    if (this.#engine === 'none' || this.size < fewRows) return;
    this.#codes = new RowCodes(this.dimensions, this.#engine);
    this.#codes.reserve(this.size);
    for (let row = 0; row < this.size; row += 1) this.#codes.set(row, this.#units.view(row));
  }
}

export interface RestoredRows {
  readonly ids: readonly string[];
  readonly units: UnitRows;
  readonly groups: SavedGroups;
}

/** An index of fewer rows has no codes: many small ones would each take a memory for nothing. */
const fewRows = 256;
/** Fewer rows are compared in full precision at once. */
const fewListed = 64;

let found: ScanEngine | undefined;

function defaultEngine(): ScanEngine {
  return (found ??= findScanEngine());
}
