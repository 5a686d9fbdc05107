/** What a saved index is of; kept in its manifest. */
export interface SavedIndexHead {
  /** The store's revision that the saved state is of. */
  readonly revision: number;
  /** Facts that decide whether the parts may be used, such as counts, dimensions and formats: plain JSON. */
  readonly meta: Readonly<Record<string, unknown>>;
}

/** What a part holds: bytes in several runs, written one after another, or a function that writes the file at a path itself. */
export type IndexPart = readonly Uint8Array[] | ((path: string) => Promise<void>);

/** A part whose length and checksum were found right when it was loaded. */
export interface SavedPart {
  /** Its file; not to be written to. A later save of the same name removes it. */
  readonly path: string;
  /** All of it, at the start of an `ArrayBuffer` of its own, so that any typed array may look at it. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}

export type LoadedIndex =
  | { readonly state: 'absent' }
  /** It is there and must not be used. */
  | { readonly state: 'damaged'; readonly reason: string }
  | (SavedIndexHead & { readonly state: 'whole'; readonly parts: Readonly<Record<string, SavedPart>> });

/** What is told of a saved index without reading its parts. */
export interface SavedIndexSummary {
  readonly name: string;
  /** Absent when the manifest cannot be read. */
  readonly head?: SavedIndexHead;
  /** Milliseconds since 1970; 0 when the manifest cannot be read. */
  readonly savedAt: number;
  /** Length of all parts together. */
  readonly bytes: number;
  /** Why it would not be used, if so; found without reading the parts. */
  readonly damage?: string;
}

/**
 * Derived state that survives the process: a cache beside the store, which may be thrown away at any time.
 *
 * A save is all or nothing: after a crash, or with two processes that save under one name, a load finds one of the saves whole, never a mix.
 */
export interface SavedIndexStore {
  /**
   * Saves durably under a name, in place of what was there.
   *
   * @param name - letters, digits, `-` and `_`. @param parts - by names of the same kind.
   * @throws {InputError} `SAVED_INDEX_NAME`. @throws {FileError} when it cannot be written; what was there before is kept.
   */
  save(name: string, head: SavedIndexHead, parts: Readonly<Record<string, IndexPart>>): Promise<SavedIndexSummary>;
  /** Reads and verifies what was saved last. @throws {InputError} `SAVED_INDEX_NAME`; never for what it finds. */
  load(name: string): Promise<LoadedIndex>;
  /** Every saved index, by name. */
  list(): Promise<SavedIndexSummary[]>;
  /** Takes one away; nothing happens when it is not there. */
  remove(name: string): Promise<void>;
}
