import { EmbedderError, InputError, type EmbedOptions, type Embedder } from '@skillrl/core';

/** What makes vectors, before anything of it is trusted. */
export interface VectorSource {
  /** Names the vectors' space. */
  readonly id: string;
  /** Who answers, for messages; without secrets: `Ollama at http://…`. */
  readonly place: string;
  /** Length of the vectors. Default: that of the first answer. */
  readonly dimensions?: number;
  /** Most texts in one request, an integer ≥ 1. */
  readonly batchSize: number;
  /** One request: a vector a text, same order. Never gets an empty text. */
  request(texts: readonly string[], options: EmbedOptions): Promise<readonly ArrayLike<number>[]>;
  close?(): Promise<void>;
}

/**
 * An embedder over a source of vectors: requests of bounded size one after another, checked and brought to unit length, the caller's abort
 * heard between them.
 *
 * @throws {InputError} `BATCH_SIZE_INVALID`. @throws on a call {EmbedderError} `EMBEDDER_SHAPE` for another number of vectors than texts, a
 * vector of another length than those before, or a number that is not finite.
 */
export function checkedEmbedder(source: VectorSource): Embedder {
  const { id, place, batchSize } = source;
  refuseBatchSize(batchSize);
  let dimensions = source.dimensions ?? 0;

  async function request(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]> {
    options.signal?.throwIfAborted();
    const vectors = await source.request(texts, options);
    if (!Array.isArray(vectors) || vectors.length !== texts.length) {
      throw otherShape(
        place,
        Array.isArray(vectors) ? `${vectors.length} vectors for ${texts.length} texts` : 'no list of vectors',
      );
    }
    const checked = vectors.map((numbers: ArrayLike<number>) => unitVector(numbers, place));
    const expected = dimensions || checked[0]!.length;
    const odd = checked.find(({ length }) => length !== expected || length === 0);
    if (odd !== undefined) {
      throw otherShape(place, `a vector of ${odd.length} numbers where ${expected || 'some'} were expected`);
    }
    dimensions = expected;
    return checked;
  }

  return {
    id,
    get dimensions() {
      return dimensions;
    },
    embed: async (texts, options = {}) => {
      options.signal?.throwIfAborted();
      const asked = texts.filter((text) => text !== '');
      const vectors: Float32Array[] = [];
      for (let start = 0; start < asked.length; start += batchSize) {
        vectors.push(...(await request(asked.slice(start, start + batchSize), options)));
      }
      // A zero vector of the right length is due even when every text is empty.
      if (dimensions === 0 && texts.length > 0) await request(['text'], options);
      const next = vectors.values();
      return texts.map((text) => (text === '' ? new Float32Array(dimensions) : next.next().value!));
    },
    ...(source.close === undefined ? {} : { close: () => source.close!() }),
  };
}

function refuseBatchSize(batchSize: number): void {
  if (Number.isInteger(batchSize) && batchSize >= 1) return;
  throw new InputError({
    code: 'BATCH_SIZE_INVALID',
    message: `batchSize is ${batchSize}, and must be a whole number ≥ 1.`,
  });
}

export function otherShape(place: string, what: string): EmbedderError {
  return new EmbedderError({
    code: 'EMBEDDER_SHAPE',
    message: `The embedder at ${place} answered with another shape: ${what}.`,
    hint: 'Check that the address is that of an embedding server and that its model was not exchanged.',
  });
}

/** The direction of the numbers; zeros stay zeros. */
function unitVector(numbers: ArrayLike<number>, place: string): Float32Array {
  if (typeof numbers?.length !== 'number') throw otherShape(place, 'a vector that is no list of numbers');
  let squares = 0;
  for (let position = 0; position < numbers.length; position += 1) {
    const value: unknown = numbers[position];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw otherShape(place, 'a number that is not finite');
    squares += value * value;
  }
  const length = Math.sqrt(squares);
  if (!Number.isFinite(length)) throw otherShape(place, 'numbers too large for a length');
  const vector = new Float32Array(numbers.length);
  if (length > 0)
    for (let position = 0; position < vector.length; position += 1) vector[position] = numbers[position]! / length;
  return vector;
}
