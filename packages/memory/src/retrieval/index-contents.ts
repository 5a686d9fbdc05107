import { contentHash, servedStatuses, type BankEntry, type VectorIndex } from '@skillrl/core';

import { entryKey } from '../bank/entry-text.ts';
import { selectEntry, type BankSelection } from '../bank/select-entry.ts';
import type { IndexState } from './saved-index.ts';
import { isZero } from './exact-vectors.ts';
import { groupOf } from './find-entries.ts';
import { KnownEntries } from './known-entries.ts';
import { lexicalIndex, type LexicalIndex } from './lexical-index.ts';

/** What an index of entries holds, and how an entry's change changes it. */
export class IndexContents {
  readonly known: KnownEntries;
  readonly lexical: LexicalIndex;
  dense: VectorIndex | undefined;
  /** Keys of the entries that wait for a vector, by id. */
  readonly withoutVector = new Map<string, string>();
  /** How often something was changed. */
  changes = 0;
  readonly #select: BankSelection;

  constructor(select: BankSelection, state?: Omit<IndexState, 'waiting'>) {
    this.#select = select;
    this.known = state?.known ?? new KnownEntries();
    this.lexical = state?.lexical ?? lexicalIndex();
    this.dense = state?.dense;
  }

  /** Takes an entry in, as it has been since a revision; one that is not served or not selected goes. */
  put(entry: BankEntry, since: number): void {
    const selected = servedStatuses.includes(entry.status) ? selectEntry(entry, this.#select) : undefined;
    if (selected === undefined) return this.drop(entry.id);
    this.changes += 1;
    const { id } = entry;
    const key = entryKey(selected);
    const keyHash = contentHash(key);
    const group = groupOf(selected.conditions);
    const before = this.known.get(id);
    if (before?.keyHash !== keyHash) {
      this.lexical.add(id, key, group);
      this.dense?.remove([id]);
      this.withoutVector.set(id, key);
    } else if (before.group !== group) {
      this.lexical.regroup(id, group);
      const vector = this.dense?.vectorOf(id);
      if (vector !== undefined) this.dense?.add([{ id, vector, group }]);
    }
    this.known.set(id, { keyHash, group, since });
  }

  drop(id: string): void {
    if (!this.known.delete(id)) return;
    this.changes += 1;
    this.lexical.remove(id);
    this.dense?.remove([id]);
    this.withoutVector.delete(id);
  }

  /** Notes that an entry of the restored contents still waits for its vector. */
  wait(entry: BankEntry): void {
    const selected = selectEntry(entry, this.#select);
    if (selected !== undefined && this.known.has(entry.id)) this.withoutVector.set(entry.id, entryKey(selected));
  }

  /** Up to so many entries that wait for a vector, with their keys. */
  waiting(most: number): [id: string, key: string][] {
    const taken: [string, string][] = [];
    for (const item of this.withoutVector) {
      if (taken.length === most) break;
      taken.push(item);
    }
    return taken;
  }

  /** Adds vectors of keys to `dense`. An entry that has changed or gone since is left as it is. */
  addVectors(items: readonly { readonly id: string; readonly key: string; readonly vector: Float32Array }[]): void {
    const current = items.filter(({ id, key }) => this.withoutVector.get(id) === key);
    // A text without a known word has no direction: it is found by its words alone.
    const directed = current.filter(({ vector }) => !isZero(vector));
    this.dense!.add(directed.map(({ id, vector }) => ({ id, vector, group: this.known.get(id)?.group })));
    for (const { id } of current) this.withoutVector.delete(id);
    this.changes += current.length;
  }
}
