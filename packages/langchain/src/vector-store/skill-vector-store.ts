import type { Callbacks } from '@langchain/core/callbacks/manager';
import { Document, type DocumentInterface } from '@langchain/core/documents';
import type { EmbeddingsInterface } from '@langchain/core/embeddings';
import { maximalMarginalRelevance } from '@langchain/core/utils/math';
import { type MaxMarginalRelevanceSearchOptions, VectorStore } from '@langchain/core/vectorstores';
import { InputError, newId, UnsupportedError } from '@skillrl/core';
import type { Memory } from '@skillrl/memory';

import { documentBankPrefix } from '../reserved-namespaces.ts';
import { meetsFilter } from '../store/filter.ts';
import { storeLabel } from '../store/labels.ts';
import { hitsOf } from '../store/search-entries.ts';
import { DocumentBank } from './document-bank.ts';
import { checkVector, documentId, entryDocument, type KeptDocument, type Metadata } from './document-entry.ts';

export interface VectorStoreOptions {
  /** Which collection of the tenant. One collection has vectors of one embedding model. Default `documents`. */
  readonly name?: string;
}

/** Equal values, or LangGraph's operators: `{ lang: 'de', year: { $gte: 2020 } }`. */
export type MetadataFilter = Record<string, unknown>;

type Scored = [Document<Metadata>, number];

/**
 * A vector store of LangChain over the memory's persistence: documents under ids, durable, apart from what is recalled into prompts.
 *
 * With embeddings every allowed vector is compared: exact, for some ten thousand documents; scores are cosines in [−1, 1]. Without embeddings
 * documents are found by the memory's own retrieval, words and meaning, as texts; scores are relevances in [0, 1.3], and vectors are refused.
 */
export class SkillVectorStore extends VectorStore {
  static override lc_name(): string {
    return 'SkillVectorStore';
  }

  declare FilterType: MetadataFilter;
  override lc_namespace = ['skillrl', 'vectorstores'];
  readonly #documents: DocumentBank;
  readonly #hasVectors: boolean;

  constructor(memory: Memory, embeddings?: EmbeddingsInterface, { name = 'documents' }: VectorStoreOptions = {}) {
    super(embeddings ?? noEmbeddings, {});
    this.#hasVectors = embeddings !== undefined;
    const kind = this.#hasVectors ? 'vectors' : 'texts';
    this.#documents = new DocumentBank(
      memory.inNamespace(`${documentBankPrefix}${kind}:${storeLabel(name)}:${memory.namespace}`),
    );
  }

  override _vectorstoreType(): string {
    return 'skillrl';
  }

  /**
   * Adds documents, or replaces those of the same ids.
   *
   * @param options.ids - one for each document. Default: the documents' own, else new ones.
   * @returns the ids, in order. @throws {InputError} `IDS_INVALID`, `VECTOR_INVALID`, `VALUE_INVALID`, nothing added.
   */
  override async addDocuments(
    documents: DocumentInterface[],
    options?: { readonly ids?: readonly string[] },
  ): Promise<string[]> {
    if (this.#hasVectors) {
      const vectors = await this.embeddings.embedDocuments(documents.map(({ pageContent }) => pageContent));
      return this.addVectors(vectors, documents, options);
    }
    return this.#put(documents, options?.ids);
  }

  override async addVectors(
    vectors: number[][],
    documents: DocumentInterface[],
    options?: { readonly ids?: readonly string[] },
  ): Promise<string[]> {
    if (!this.#hasVectors) throw noVectors();
    if (vectors.length !== documents.length) {
      throw new InputError({
        code: 'VECTOR_INVALID',
        message: `There are ${vectors.length} vectors for ${documents.length} documents.`,
      });
    }
    const dimensions = (await this.#dimensions()) ?? vectors[0]?.length;
    const checked = vectors.map((vector, at) => checkVector(vector, dimensions, `vector of document ${at + 1}`));
    return this.#put(documents, options?.ids, checked);
  }

  /** @param params - which ones: `ids`, a `filter` on metadata, or `deleteAll`. @throws {InputError} `DELETE_NOTHING` when none is given. */
  override async delete(
    params: { readonly ids?: readonly string[]; readonly filter?: MetadataFilter; readonly deleteAll?: boolean } = {},
  ): Promise<void> {
    const { ids, filter, deleteAll = false } = params;
    if (ids === undefined && filter === undefined && !deleteAll) {
      throw new InputError({ code: 'DELETE_NOTHING', message: 'Say what to delete: ids, a filter, or deleteAll.' });
    }
    const chosen = [...(await this.#documents.now())].flatMap(([entryId, { document }]) =>
      deleteAll || (filter !== undefined && meetsFilter(document.metadata, filter)) ? [entryId] : [],
    );
    await this.#documents.remove([...new Set([...(ids ?? []).map(documentId), ...chosen])]);
  }

  override async similaritySearchVectorWithScore(
    query: number[],
    k: number,
    filter?: MetadataFilter,
  ): Promise<Scored[]> {
    return (await this.#nearest(query, k, filter)).map(({ document, similarity }) => [copyOf(document), similarity]);
  }

  override async similaritySearchWithScore(
    query: string,
    k = 4,
    filter?: MetadataFilter,
    callbacks?: Callbacks,
  ): Promise<Scored[]> {
    return this.#hasVectors
      ? super.similaritySearchWithScore(query, k, filter, callbacks)
      : this.#byText(query, k, filter);
  }

  override async similaritySearch(query: string, k = 4, filter?: MetadataFilter, callbacks?: Callbacks) {
    return (await this.similaritySearchWithScore(query, k, filter, callbacks)).map(([document]) => document);
  }

  /** Documents near the query that are unlike each other. Needs embeddings. */
  override async maxMarginalRelevanceSearch(
    query: string,
    { k, fetchK = 20, lambda = 0.5, filter }: MaxMarginalRelevanceSearchOptions<MetadataFilter>,
    _callbacks?: Callbacks,
  ): Promise<Document<Metadata>[]> {
    const vector = await this.embeddings.embedQuery(query);
    const near = await this.#nearest(vector, Math.max(k, fetchK), filter);
    const chosen = maximalMarginalRelevance(
      vector,
      near.map((one) => Array.from(one.vector)),
      lambda,
      k,
    );
    return chosen.flatMap((at) => (near[at] === undefined ? [] : [copyOf(near[at].document)]));
  }

  /** @param dbConfig - the memory to keep them in. */
  static override async fromDocuments(
    documents: DocumentInterface[],
    embeddings: EmbeddingsInterface,
    { memory, ...options }: VectorStoreOptions & { readonly memory: Memory },
  ): Promise<SkillVectorStore> {
    const store = new SkillVectorStore(memory, embeddings, options);
    await store.addDocuments(documents);
    return store;
  }

  async #put(
    documents: readonly DocumentInterface[],
    ids: readonly string[] = documents.map(({ id }) => id ?? newId('document')),
    vectors?: readonly Float32Array[],
  ): Promise<string[]> {
    if (ids.length !== documents.length || ids.some((id) => typeof id !== 'string' || id === '')) {
      throw new InputError({
        code: 'IDS_INVALID',
        message: `There must be one id, not empty, for each of the ${documents.length} documents.`,
      });
    }
    const kept = documents.map(({ pageContent, metadata }, at): KeptDocument => {
      const document = { id: ids[at]!, pageContent, metadata: metadata ?? {} };
      return { document, ...(vectors !== undefined && { vector: vectors[at] }) };
    });
    if (kept.length > 0) await this.#documents.put(kept);
    return [...ids];
  }

  async #dimensions(): Promise<number | undefined> {
    const [first] = (await this.#documents.now()).values();
    return first?.vector?.length;
  }

  /** The k documents whose vectors have the greatest cosine with the query's, ties in the order of ids. */
  async #nearest(query: readonly number[], k: number, filter: MetadataFilter | undefined) {
    if (!this.#hasVectors) throw noVectors();
    const documents = await this.#documents.now();
    const unit = checkVector(query, await this.#dimensions(), 'query');
    const found: {
      readonly id: string;
      readonly document: Document<Metadata>;
      readonly vector: Float32Array;
      readonly similarity: number;
    }[] = [];
    for (const [id, { document, vector }] of documents) {
      if (vector === undefined || !meetsFilter(document.metadata, filter)) continue;
      found.push({ id, document, vector, similarity: cosine(unit, vector) });
    }
    return found.toSorted((a, b) => b.similarity - a.similarity || (a.id < b.id ? -1 : 1)).slice(0, Math.max(0, k));
  }

  async #byText(query: string, k: number, filter: MetadataFilter | undefined): Promise<Scored[]> {
    const found: Scored[] = [];
    if (k < 1) return found;
    for await (const { entry, relevance } of hitsOf({ memory: this.#documents.memory }, query, k)) {
      const { document } = entryDocument(entry);
      if (meetsFilter(document.metadata, filter)) found.push([document, relevance]);
      if (found.length >= k) break;
    }
    return found;
  }
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (let at = 0; at < a.length; at += 1) {
    product += a[at]! * b[at]!;
    squaresA += a[at]! * a[at]!;
    squaresB += b[at]! * b[at]!;
  }
  const lengths = Math.sqrt(squaresA * squaresB);
  return lengths === 0 ? 0 : Math.max(-1, Math.min(1, product / lengths));
}

/** What is given away may be changed without changing what is kept. */
function copyOf({ id, pageContent, metadata }: Document<Metadata>): Document<Metadata> {
  return new Document({ id, pageContent, metadata: structuredClone(metadata) });
}

function noVectors(): UnsupportedError {
  return new UnsupportedError('index', {
    code: 'CAPABILITY_MISSING',
    message: 'This vector store was opened without embeddings: it finds documents by their texts.',
    hint: 'Open it with embeddings: asVectorStore(embeddings).',
  });
}

const noEmbeddings: EmbeddingsInterface = {
  embedDocuments: () => Promise.reject(noVectors()),
  embedQuery: () => Promise.reject(noVectors()),
};
