import type { Engine, EngineOptions } from './engine.ts';
import { knownEmbeddings, type Embeddings } from './known-embeddings.ts';

interface Document {
  readonly pageContent: string;
  readonly metadata: { readonly row: number };
}

type Hits = [Document, number][];

export interface VectorStore {
  addVectors(vectors: number[][], documents: Document[]): Promise<unknown>;
  similaritySearchVectorWithScore(query: number[], limit: number): Promise<Hits>;
}

/** A vector store of LangChain, as its users call it. */
export function langchainStore(
  options: EngineOptions,
  create: (embeddings: Embeddings) => VectorStore,
): Engine<number[], Hits> {
  const store = create(knownEmbeddings(options));
  return {
    add: async (first, rows) => {
      const documents = rows.map((_, at) => ({ pageContent: `entry ${first + at}`, metadata: { row: first + at } }));
      await store.addVectors(
        rows.map((row) => Array.from(row)),
        documents,
      );
    },
    query: (vector) => Array.from(vector),
    search: (query, limit) => store.similaritySearchVectorWithScore(query, limit),
    rows: (hits) => hits.map(([{ metadata }]) => metadata.row),
  };
}
