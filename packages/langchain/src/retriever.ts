import type { CallbackManagerForRetrieverRun } from '@langchain/core/callbacks/manager';
import { Document } from '@langchain/core/documents';
import { BaseRetriever, type BaseRetrieverInput } from '@langchain/core/retrievers';
import { entryProse, type Memory, type SearchHit } from '@skillrl/memory';

export interface SkillRetrieverInput extends BaseRetrieverInput {
  readonly memory: Pick<Memory, 'search'>;
  /** Most documents. Default 4. */
  readonly k?: number;
}

/** What `metadata` of a retrieved document holds. */
export interface SkillMetadata {
  readonly skillId: string;
  readonly kind: SearchHit['kind'];
  readonly title: string;
  /** Relevance in [0, 1.3]: cosine and the share of the query's words that the entry has. */
  readonly score: number;
  readonly version: number;
  readonly status: SearchHit['status'];
}

/** Entries of the bank about a query, as documents: for chains and graphs that take a retriever. */
export class SkillRetriever extends BaseRetriever<SkillMetadata & Record<string, unknown>> {
  static override lc_name(): string {
    return 'SkillRetriever';
  }

  override lc_namespace = ['skillrl', 'retrievers'];
  readonly #memory: Pick<Memory, 'search'>;
  readonly #k: number;

  constructor({ memory, k = 4, ...fields }: SkillRetrieverInput) {
    super(fields);
    this.#memory = memory;
    this.#k = k;
  }

  override async _getRelevantDocuments(query: string, _runManager?: CallbackManagerForRetrieverRun) {
    return (await this.#memory.search(query, { limit: this.#k })).map(documentOf);
  }
}

export function documentOf(hit: SearchHit): Document<SkillMetadata & Record<string, unknown>> {
  const { id, kind, title, relevance, version, status } = hit;
  return new Document({
    id,
    pageContent: entryProse(hit),
    metadata: { skillId: id, kind, title, score: relevance, version, status },
  });
}
