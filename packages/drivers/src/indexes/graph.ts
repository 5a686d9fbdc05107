import type { HierarchicalNSW } from 'hnswlib-node';

import { GraphNodes } from './graph-nodes.ts';
import { loadHnswlib } from './load-hnswlib.ts';
import type { UnitRows } from './unit-rows.ts';
import type { RowRemoval } from './vector-rows.ts';

/** How a graph is made. */
export interface GraphShape {
  /** Neighbours a node keeps; memory and quality. */
  readonly m: number;
  /** Candidates looked at when a vector is added; build time and quality. */
  readonly efConstruction: number;
}

/**
 * A navigable graph in hnswlib-node over some of the rows of an index. Nodes have labels, counted up and never given again: a changed vector is
 * a deleted label and a new one, since moving a node costs ten times an insertion. Labels and rows are kept apart because the last row takes
 * the number of a removed one.
 *
 * Equal vectors share a node: among many nodes at one place, each would have only the others for neighbours, and a walk that comes there would
 * not get out (recall .49 with ten times a thousand equal ones among 16,000).
 *
 * While it is held, as during a save, the native graph is only read: rows wait among the unlinked, deletions in a list.
 */
export class Graph {
  /** Rows without a node: searches must look at them too. */
  readonly unlinked = new Set<number>();
  readonly #units: UnitRows;
  readonly #shape: GraphShape;
  /** By row; −1: none. */
  readonly #labelOf: number[] = [];
  readonly #nodes: GraphNodes;
  /** Deleted here, not yet in the native graph. */
  #toDelete: number[] = [];
  #isHeld = false;
  #native: HierarchicalNSW | undefined;
  // The library takes plain arrays only; filling one again and again costs a tenth of making one.
  readonly #numbers: number[];

  /** @param rows - of so many rows, none of which has a node yet. */
  constructor(units: UnitRows, rows: number, shape: GraphShape) {
    this.#units = units;
    this.#shape = shape;
    this.#nodes = new GraphNodes(units);
    this.#numbers = Array.from<number>({ length: units.dimensions }).fill(0);
    for (let row = 0; row < rows; row += 1) this.added(row);
  }

  /** Nodes, deleted ones too. */
  get labels(): number {
    return this.#nodes.count;
  }

  get deletedShare(): number {
    return this.labels === 0 ? 0 : this.#nodes.deleted / this.labels;
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    for (const label of this.#toDelete.splice(0)) this.#native?.markDelete(label);
  }

  /** Begins to use a native graph that has this one's labels. */
  attach(native: HierarchicalNSW): void {
    if (native.getCurrentCount() !== this.labels) {
      throw new RangeError(`The graph has ${native.getCurrentCount()} nodes, but ${this.labels} were saved.`);
    }
    this.#native = native;
  }

  /** A row is new. */
  added(row: number): void {
    this.#labelOf[row] = -1;
    this.unlinked.add(row);
  }

  /** A row's vector has changed. */
  changed(row: number): void {
    this.#delete(row);
    this.added(row);
  }

  removed({ removed, moved }: RowRemoval): void {
    this.#delete(removed);
    this.unlinked.delete(removed);
    const label = this.#labelOf.pop()!;
    if (moved === removed) return;
    this.#labelOf[removed] = label;
    if (label >= 0) this.#nodes.moveRow(label, moved, removed);
    if (this.unlinked.delete(moved)) this.unlinked.add(removed);
  }

  /** Gives an unlinked row a label. @returns whether it is the next new one, for which whoever calls must add a node. */
  place(row: number): boolean {
    this.unlinked.delete(row);
    const twin = this.#nodes.labelOfEqual(row);
    if (twin === undefined) {
      this.#labelOf[row] = this.#nodes.add(row);
      return true;
    }
    this.#labelOf[row] = twin;
    this.#nodes.addRow(twin, row);
    return false;
  }

  /** Adds nodes for unlinked rows until the time is over; none while it is held. */
  link(untilMs = Infinity): void {
    if (this.#isHeld) return;
    const native = (this.#native ??= this.#create(this.unlinked.size));
    for (const row of this.unlinked) {
      if (this.labels >= native.getMaxElements()) native.resizeIndex(Math.max(1024, Math.ceil(this.labels * 1.5)));
      if (this.place(row)) native.addPoint(this.#asArray(this.#units.view(row)), this.labels - 1);
      if (performance.now() >= untilMs) return;
    }
  }

  /** The rows of up to so many nodes, the nearest first. */
  walk(unit: Float32Array, count: number, ef: number): number[] {
    const native = this.#native;
    if (native === undefined || this.labels === 0) return [];
    const wanted = Math.min(count + this.#toDelete.length, native.getMaxElements());
    native.setEf(Math.max(ef, wanted));
    return this.#nodes.rowsOf(native.searchKnn(this.#asArray(unit), wanted).neighbors);
  }

  /** How many labels there are, then each row's label, −1 for none. */
  saved(): Int32Array<ArrayBuffer> {
    return Int32Array.from([this.labels, ...this.#labelOf]);
  }

  /** Writes the native graph; it must be held until that is done. */
  async write(path: string): Promise<void> {
    if (this.#native !== undefined) await busy(this.#native, (native) => native.writeIndex(path));
  }

  /** Takes over what was saved of so many rows, by a graph that has none. @throws {RangeError} when it does not fit them. */
  adopt(saved: Int32Array, rows: number): void {
    const [count = 0] = saved;
    const labels = saved.subarray(1);
    if (labels.length !== rows || labels.some((label) => label >= count)) {
      throw new RangeError(`The saved graph is of ${labels.length} vectors with ${count} nodes.`);
    }
    this.#nodes.adopt(count, labels);
    for (let row = 0; row < rows; row += 1) {
      const label = labels[row]!;
      this.#labelOf.push(label);
      if (label < 0) this.unlinked.add(row);
    }
  }

  #create(rows: number): HierarchicalNSW {
    const native = new (loadHnswlib().HierarchicalNSW)('ip', this.#units.dimensions);
    native.initIndex({ maxElements: Math.max(1024, Math.ceil(rows * 1.5)), ...this.#shape, randomSeed: graphSeed });
    return native;
  }

  #delete(row: number): void {
    const label = this.#labelOf[row]!;
    if (label < 0) return;
    if (!this.#nodes.removeRow(label, row)) return;
    if (this.#isHeld) this.#toDelete.push(label);
    else this.#native?.markDelete(label);
  }

  #asArray(unit: Float32Array): number[] {
    const numbers = this.#numbers;
    for (let place = 0; place < numbers.length; place += 1) numbers[place] = unit[place]!;
    return numbers;
  }
}

/** Reads a native graph on another thread. What the file holds must be known to be whole: a damaged one may end the process. */
export function readGraph(path: string, dimensions: number): Promise<HierarchicalNSW> {
  return busy(new (loadHnswlib().HierarchicalNSW)('ip', dimensions), (native) => native.readIndex(path));
}

/** Native graphs at work on other threads. The library does not keep them itself: one that was collected meanwhile would be written to all the same. */
const atWork = new Set<HierarchicalNSW>();

async function busy(
  native: HierarchicalNSW,
  work: (native: HierarchicalNSW) => Promise<unknown>,
): Promise<HierarchicalNSW> {
  atWork.add(native);
  try {
    await work(native);
  } finally {
    atWork.delete(native);
  }
  return native;
}

/** The levels of the nodes are drawn from it, so that equal additions give equal graphs. */
export const graphSeed = 100;
