import type { UnitRows } from './unit-rows.ts';

/** Which rows each node of a graph stands for: those of one vector. A node without rows is deleted. */
export class GraphNodes {
  readonly #units: UnitRows;
  /** By label: a row of the node, or −1. */
  #rowOf = new Int32Array(64);
  /** By label, the other rows of its node: most have none. */
  readonly #others = new Map<number, number[]>();
  #count = 0;
  #deleted = 0;
  /** Labels by hash of their vectors, and hashes by label. */
  readonly #labelOf = new Map<number, number>();
  readonly #hashOf: number[] = [];

  constructor(units: UnitRows) {
    this.#units = units;
  }

  /** Labels, those of deleted nodes too. */
  get count(): number {
    return this.#count;
  }

  get deleted(): number {
    return this.#deleted;
  }

  /** The rows of nodes, in the order of the nodes. */
  rowsOf(labels: readonly number[]): number[] {
    const rows: number[] = [];
    for (const label of labels) {
      const row = this.#rowOf[label]!;
      if (row >= 0) rows.push(row);
      const others = this.#others.get(label);
      if (others !== undefined) rows.push(...others);
    }
    return rows;
  }

  /** The label of a node with a row's vector. */
  labelOfEqual(row: number): number | undefined {
    this.#rememberAll();
    const unit = this.#units.view(row);
    const label = this.#labelOf.get(hashOf(unit));
    if (label === undefined) return undefined;
    return areEqual(this.#units.view(this.#rowOf[label]!), unit) ? label : undefined;
  }

  /** A new node for a row. @returns its label. */
  add(row: number): number {
    this.#rememberAll();
    const label = this.#count;
    this.#count += 1;
    if (label === this.#rowOf.length) {
      const longer = new Int32Array(label * 2);
      longer.set(this.#rowOf);
      this.#rowOf = longer;
    }
    this.#rowOf[label] = row;
    this.#remember(label);
    return label;
  }

  addRow(label: number, row: number): void {
    const others = this.#others.get(label);
    if (others === undefined) this.#others.set(label, [row]);
    else others.push(row);
  }

  moveRow(label: number, from: number, to: number): void {
    if (this.#rowOf[label] === from) {
      this.#rowOf[label] = to;
      return;
    }
    const others = this.#others.get(label)!;
    others[others.indexOf(from)] = to;
  }

  /** @returns whether the node has no row any more. */
  removeRow(label: number, row: number): boolean {
    const others = this.#others.get(label);
    if (others !== undefined) {
      if (this.#rowOf[label] === row) this.#rowOf[label] = others.pop()!;
      else others.splice(others.indexOf(row), 1);
      if (others.length === 0) this.#others.delete(label);
      return false;
    }
    this.#rowOf[label] = -1;
    this.#deleted += 1;
    const hash = this.#hashOf[label];
    if (hash !== undefined && this.#labelOf.get(hash) === label) this.#labelOf.delete(hash);
    return true;
  }

  /** So many nodes as they were saved, by each row's label; −1 for none. */
  adopt(count: number, labels: Int32Array): void {
    this.#rowOf = new Int32Array(Math.max(64, count)).fill(-1);
    this.#count = count;
    this.#deleted = count;
    for (let row = 0; row < labels.length; row += 1) {
      const label = labels[row]!;
      if (label < 0) continue;
      if (this.#rowOf[label]! >= 0) {
        this.addRow(label, row);
      } else {
        this.#rowOf[label] = row;
        this.#deleted -= 1;
      }
    }
  }

  /** What was adopted is hashed when the first change comes: whoever only searches needs no hashes. */
  #rememberAll(): void {
    for (let label = this.#hashOf.length; label < this.#count; label += 1) this.#remember(label);
  }

  #remember(label: number): void {
    const row = this.#rowOf[label]!;
    const hash = row < 0 ? 0 : hashOf(this.#units.view(row));
    this.#hashOf[label] = hash;
    if (row >= 0) this.#labelOf.set(hash, label);
  }
}

/** FNV-1a over numbers instead of bytes. */
function hashOf(unit: Float32Array): number {
  const bits = new Int32Array(unit.buffer, unit.byteOffset, unit.length);
  let hash = 0x811c9dc5;
  for (let place = 0; place < bits.length; place += 1) hash = Math.imul(hash ^ bits[place]!, 0x01000193);
  return hash;
}

function areEqual(a: Float32Array, b: Float32Array): boolean {
  for (let place = 0; place < a.length; place += 1) if (a[place] !== b[place]) return false;
  return true;
}
