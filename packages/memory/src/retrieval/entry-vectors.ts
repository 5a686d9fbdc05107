import { contentHash, EmbedderError, type Embedder, type EntryStore } from '@skillrl/core';

import { isZero } from './exact-vectors.ts';

const batch = 64;

/**
 * Embeds texts, each once in the life of the store: what is cached there is not embedded again. Same order as the texts. Vectors without
 * direction are given and not kept.
 *
 * @throws {EmbedderError} `EMBEDDER_SHAPE` when the embedder gives no vector for a text, or one with a number that is not finite.
 */
export async function embedTexts(
  texts: readonly string[],
  embedder: Embedder,
  store: EntryStore,
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const hashes = texts.map((text) => contentHash(text));
  const known = new Map(await store.cachedVectors(embedder.id, [...new Set(hashes)]));
  const missing = new Map<string, string>();
  for (const [position, hash] of hashes.entries()) if (!known.has(hash)) missing.set(hash, texts[position]!);
  const wanted = [...missing];
  for (let start = 0; start < wanted.length; start += batch) {
    const part = wanted.slice(start, start + batch);
    const vectors = await embedder.embed(
      part.map(([, text]) => text),
      { kind: 'document', signal },
    );
    const made = new Map(part.map(([hash], position) => [hash, checked(vectors[position], embedder)]));
    await store.cacheVectors(embedder.id, new Map([...made].filter(([, vector]) => !isZero(vector))));
    for (const [hash, vector] of made) known.set(hash, vector);
  }
  return hashes.map((hash) => known.get(hash)!);
}

function checked(vector: Float32Array | undefined, { id, dimensions }: Embedder): Float32Array {
  if (vector?.length === dimensions && vector.every(Number.isFinite)) return vector;
  throw new EmbedderError({
    code: 'EMBEDDER_SHAPE',
    message: `The embedder '${id}' gave ${vector === undefined ? 'no vector' : `no vector of ${dimensions} finite numbers`} for a text.`,
  });
}

export interface QueryVectors {
  /** @returns the vector, or why there is none; never throws but for the caller's own abort. */
  of(text: string, signal?: AbortSignal): Promise<{ readonly vector: Float32Array } | { readonly degraded: string }>;
}

const mostQueries = 500;

/** Embeds queries under a time limit, and remembers the latest ones. */
export function queryVectors(embedder: Embedder, timeoutMs: number): QueryVectors {
  const known = new Map<string, Float32Array>();
  return {
    of: async (text, signal) => {
      const cached = known.get(text);
      if (cached !== undefined) return { vector: cached };
      const limit = AbortSignal.timeout(timeoutMs);
      const both = signal === undefined ? limit : AbortSignal.any([signal, limit]);
      try {
        const [given] = await orTimeout(embedder.embed([text], { kind: 'query', signal: both }), both);
        const vector = checked(given, embedder);
        if (known.size >= mostQueries) known.delete(known.keys().next().value!);
        known.set(text, vector);
        return { vector };
      } catch (error) {
        signal?.throwIfAborted();
        if (limit.aborted) return { degraded: `embedder timed out after ${timeoutMs} ms: lexical only` };
        return {
          degraded: `embedder failed (${error instanceof Error ? error.message : String(error)}): lexical only`,
        };
      }
    },
  };
}

/** The work, or the abort, whichever comes first: an embedder may not listen to its signal. */
function orTimeout<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
