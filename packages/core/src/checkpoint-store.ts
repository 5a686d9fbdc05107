/** What a checkpoint is of; kept in its manifest. */
export interface CheckpointHead {
  /** The store's revision that the saved state is of. */
  readonly revision: number;
  /** Facts that decide whether the parts may be used, such as counts, dimensions and formats: plain JSON. */
  readonly meta: Readonly<Record<string, unknown>>;
}

/** What a part holds: bytes in several runs, written one after another, or a function that writes the file at a path itself. */
export type CheckpointPart = readonly Uint8Array[] | ((path: string) => Promise<void>);

/** A part whose length and checksum were found right when it was loaded. */
export interface SavedPart {
  /** Its file; not to be written to. A later save of the same name removes it. */
  readonly path: string;
  /** All of it, at the start of an `ArrayBuffer` of its own, so that any typed array may look at it. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}

export type LoadedCheckpoint =
  | { readonly state: 'absent' }
  /** It is there and must not be used. */
  | { readonly state: 'damaged'; readonly reason: string }
  | (CheckpointHead & { readonly state: 'whole'; readonly parts: Readonly<Record<string, SavedPart>> });

/** What is told of a checkpoint without reading its parts. */
export interface CheckpointSummary {
  readonly name: string;
  /** Absent when the manifest cannot be read. */
  readonly head?: CheckpointHead;
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
export interface CheckpointStore {
  /**
   * Saves durably under a name, in place of what was there.
   *
   * @param name - letters, digits, `-` and `_`. @param parts - by names of the same kind.
   * @throws {InputError} `CHECKPOINT_NAME`. @throws {FileError} when it cannot be written; what was there before is kept.
   */
  save(name: string, head: CheckpointHead, parts: Readonly<Record<string, CheckpointPart>>): Promise<CheckpointSummary>;
  /** Reads and verifies what was saved last. @throws {InputError} `CHECKPOINT_NAME`; never for what it finds. */
  load(name: string): Promise<LoadedCheckpoint>;
  /** Every checkpoint, by name. */
  list(): Promise<CheckpointSummary[]>;
  /** Takes one away; nothing happens when it is not there. */
  remove(name: string): Promise<void>;
}
