import type { UnitRows } from './unit-rows.ts';

/** Which rows each node of a graph stands for: those of one vector. A node without rows is deleted. */
export class GraphNodes {
  readonly #units: UnitRows;
  /** By label. Most nodes have one row. */
  readonly #rowsOf: number[][] = [];
  /** By label. */
  readonly #hashOf: number[] = [];
  readonly #labelOf = new Map<number, number>();
  #deleted = 0;

  constructor(units: UnitRows) {
    this.#units = units;
  }

  /** Labels, those of deleted nodes too. */
  get count(): number {
    return this.#rowsOf.length;
  }

  get deleted(): number {
    return this.#deleted;
  }

  rowsOf(label: number): readonly number[] {
    return this.#rowsOf[label]!;
  }

  /** The label of a node with a row's vector. */
  labelOfEqual(row: number): number | undefined {
    const unit = this.#units.view(row);
    const label = this.#labelOf.get(hashOf(unit));
    const twin = label === undefined ? undefined : this.#rowsOf[label]![0];
    return twin !== undefined && areEqual(this.#units.view(twin), unit) ? label : undefined;
  }

  /** A new node for a row. @returns its label. */
  add(row: number): number {
    const label = this.#rowsOf.push([row]) - 1;
    this.#remember(label);
    return label;
  }

  addRow(label: number, row: number): void {
    this.#rowsOf[label]!.push(row);
  }

  moveRow(label: number, from: number, to: number): void {
    const rows = this.#rowsOf[label]!;
    rows[rows.indexOf(from)] = to;
  }

  /** @returns whether the node has no row any more. */
  removeRow(label: number, row: number): boolean {
    const rows = this.#rowsOf[label]!;
    rows.splice(rows.indexOf(row), 1);
    if (rows.length > 0) return false;
    this.#deleted += 1;
    const hash = this.#hashOf[label]!;
    if (this.#labelOf.get(hash) === label) this.#labelOf.delete(hash);
    return true;
  }

  /** So many nodes as they were saved, by each row's label. */
  adopt(count: number, labels: Int32Array): void {
    for (let label = 0; label < count; label += 1) this.#rowsOf.push([]);
    for (const [row, label] of labels.entries()) if (label >= 0) this.#rowsOf[label]!.push(row);
    for (const [label, rows] of this.#rowsOf.entries()) {
      if (rows.length > 0) this.#remember(label);
      else this.#deleted += 1;
    }
  }

  #remember(label: number): void {
    const hash = hashOf(this.#units.view(this.#rowsOf[label]![0]!));
    this.#hashOf[label] = hash;
    this.#labelOf.set(hash, label);
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
