/** A vector search as it is measured: what it is given and gives back is converted outside of the measured time. */
export interface Engine<Query = unknown, Hits = unknown> {
  /** Adds rows, numbered from `first` on. */
  add(first: number, rows: readonly Float32Array[]): void | Promise<void>;
  /** After the last one; building an index counts as adding. */
  finish?(): void | Promise<void>;
  /** The query in the form that the engine likes best. */
  query(vector: Float32Array, number: number): Query;
  search(query: Query, limit: number): Hits | Promise<Hits>;
  /** Numbers of the rows found. */
  rows(hits: Hits): number[];
  /** What a variant of the same index needs, such as another `ef`. */
  choose?(variant: string): void;
  close?(): void | Promise<void>;
}

export interface EngineOptions {
  readonly dimensions: number;
  readonly count: number;
  /** Folder with the peers' packages. */
  readonly peers: string;
  /** Texts of queries by number, for engines that embed them themselves. */
  readonly queries: readonly Float32Array[];
}

/** What a file of this folder exports. */
export interface EngineModule {
  open(options: EngineOptions): Engine | Promise<Engine>;
}
