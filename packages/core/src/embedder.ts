/** Turns texts into vectors of unit length. */
export interface Embedder {
  /** Names the vectors' space: vectors of different ids are never compared. */
  readonly id: string;
  /** Length of each vector; known before the first call or after it, for embedders that learn it from a server. */
  readonly dimensions: number;
  /**
   * @param texts - may be empty; an empty text gives a zero vector.
   * @returns one vector a text, same order, each `dimensions` long and of unit length (or zero).
   * @throws {EmbedderError} when the embedder cannot be reached or answers with another shape.
   */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;
  close?(): Promise<void>;
}

export interface EmbedOptions {
  /** Some embedders treat the two differently. Default `document`. */
  readonly kind?: 'query' | 'document';
  readonly signal?: AbortSignal;
}
