import type { Columns, ColumnReader } from './columns.ts';

/** What an index keeps of an entry; the rest stays in the store. */
export interface Known {
  /** Content hash of the key, in hexadecimal digits. */
  readonly keyHash: string;
  /** Of its conditions: see `groupOf`. */
  readonly group: string;
  /** A revision from which on the entry has been what it is now. */
  readonly since: number;
}

const hashLength = 32;

/**
 * What an index knows of its entries, by id. What was saved stays in its columns, sorted by id, and is looked up by halving: opened, it costs no
 * object an entry. Changes lie in a map above.
 */
export class KnownEntries {
  readonly #ids: readonly string[];
  /** Row-major, 32 bytes a row. */
  readonly #hashes: Buffer;
  readonly #groups: Uint32Array;
  readonly #groupNames: readonly string[];
  readonly #since: Uint32Array;
  /** Above the columns; `undefined` for an entry that is gone. */
  readonly #changed = new Map<string, Known | undefined>();
  /** What was asked of the columns before, which stay what they are. */
  readonly #sinceAsked = new Map<string, number>();
  #size: number;

  /** @throws {RangeError} when the columns do not fit together. */
  constructor(saved?: ColumnReader) {
    this.#ids = saved === undefined ? [] : present(saved.texts('ids'));
    const count = this.#ids.length;
    const hashes = saved?.numbers('hashes', 'u8', count * hashLength) ?? new Uint8Array(0);
    this.#hashes = Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength);
    this.#groups = saved?.numbers('groups', 'u32', count) ?? new Uint32Array(0);
    this.#groupNames = saved === undefined ? [] : present(saved.texts('groupNames'));
    this.#since = saved?.numbers('since', 'u32', count) ?? new Uint32Array(0);
    this.#size = count;
  }

  get size(): number {
    return this.#size;
  }

  get(id: string): Known | undefined {
    const changed = this.#changed.get(id);
    if (changed !== undefined || this.#changed.has(id)) return changed;
    const row = this.#rowOf(id);
    return row < 0 ? undefined : this.#read(row);
  }

  /** The same of its `since` alone, at a lookup's cost. */
  sinceOf(id: string): number | undefined {
    const changed = this.#changed.get(id);
    if (changed !== undefined || this.#changed.has(id)) return changed?.since;
    let since = this.#sinceAsked.get(id);
    if (since === undefined) {
      const row = this.#rowOf(id);
      if (row < 0) return undefined;
      since = this.#since[row]!;
      this.#sinceAsked.set(id, since);
    }
    return since;
  }

  has(id: string): boolean {
    return this.#changed.has(id) ? this.#changed.get(id) !== undefined : this.#rowOf(id) >= 0;
  }

  set(id: string, known: Known): void {
    if (!this.has(id)) this.#size += 1;
    this.#changed.set(id, known);
  }

  /** @returns whether it was there. */
  delete(id: string): boolean {
    if (!this.has(id)) return false;
    this.#size -= 1;
    if (this.#rowOf(id) < 0) this.#changed.delete(id);
    else this.#changed.set(id, undefined);
    return true;
  }

  /** Ids in order. */
  ids(): string[] {
    const kept = this.#ids.filter((id) => !this.#changed.has(id));
    const changed = [...this.#changed].filter(([, known]) => known !== undefined).map(([id]) => id);
    // Two runs, the first in order: sorting finds that out.
    return kept.concat(changed).sort(byText);
  }

  /** All of it as columns of its own. */
  columns(): Columns {
    const ids = this.ids();
    const hashes = Buffer.alloc(ids.length * hashLength);
    const groups = new Uint32Array(ids.length);
    const since = new Uint32Array(ids.length);
    const numberOf = new Map<string, number>();
    let next = 0;
    for (const [row, id] of ids.entries()) {
      // Columns and ids are in the same order.
      while (next < this.#ids.length && this.#ids[next]! < id) next += 1;
      const changed = this.#changed.get(id);
      const group = changed?.group ?? this.#groupNames[this.#groups[next]!]!;
      if (changed === undefined)
        this.#hashes.copy(hashes, row * hashLength, next * hashLength, (next + 1) * hashLength);
      else hashes.write(changed.keyHash, row * hashLength, 'hex');
      since[row] = changed?.since ?? this.#since[next]!;
      let number = numberOf.get(group);
      if (number === undefined) numberOf.set(group, (number = numberOf.size));
      groups[row] = number;
    }
    const bytes = new Uint8Array(hashes.buffer, hashes.byteOffset, hashes.byteLength);
    return { ids, hashes: bytes, groups, groupNames: [...numberOf.keys()], since };
  }

  #read(row: number): Known {
    return {
      keyHash: this.#hashes.toString('hex', row * hashLength, (row + 1) * hashLength),
      group: this.#groupNames[this.#groups[row]!]!,
      since: this.#since[row]!,
    };
  }

  /** The id's row, or −1. */
  #rowOf(id: string): number {
    let low = 0;
    let high = this.#ids.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.#ids[middle]!;
      if (found === id) return middle;
      if (found < id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function present(texts: (string | null)[]): string[] {
  if (texts.includes(null)) throw new RangeError('a text is missing');
  return texts as string[];
}
