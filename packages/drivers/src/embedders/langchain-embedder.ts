import { boundaryError, type Embedder } from '@skillrl/core';

import { checkedEmbedder } from './checked-embedder.ts';

/** What LangChain calls `Embeddings`, as far as it is needed here. */
export interface LangchainEmbeddings {
  embedDocuments(texts: string[]): Promise<number[][]>;
  embedQuery(text: string): Promise<number[]>;
}

export interface LangchainEmbedderOptions {
  /** Names the vectors' space: another model behind the same class needs another name. */
  readonly id: string;
  /** Length of the vectors. Default: that of the first answer. */
  readonly dimensions?: number;
  /** Most texts in one call. Default 64. */
  readonly batchSize?: number;
}

/**
 * Any embeddings of LangChain as an embedder. Documents go to `embedDocuments`, questions one by one to `embedQuery`. They take no
 * abort signal: it is heard between calls.
 *
 * @throws {InputError} `BATCH_SIZE_INVALID`. @throws on a call {EmbedderError} `EMBEDDER_SHAPE`, `EMBEDDER_FAILED`.
 */
export function langchainEmbedder(embeddings: LangchainEmbeddings, options: LangchainEmbedderOptions): Embedder {
  const { id, dimensions, batchSize = 64 } = options;
  return checkedEmbedder({
    id,
    place: `LangChain's '${id}'`,
    dimensions,
    batchSize,
    request: async (texts, { kind, signal }) => {
      try {
        if (kind !== 'query') return await embeddings.embedDocuments([...texts]);
        const vectors: number[][] = [];
        for (const text of texts) {
          signal?.throwIfAborted();
          vectors.push(await embeddings.embedQuery(text));
        }
        return vectors;
      } catch (error) {
        throw boundaryError('embedder', `embed with LangChain's '${id}'`, error);
      }
    },
  });
}
