import { compact } from '../../../../packages/drivers/src/index.ts';
import { entryProse } from '../../../../packages/memory/src/index.ts';
import type { Embeddings } from '../engines/known-embeddings.ts';
import { importPeer } from '../engines/peer.ts';
import { generatedEntry, generatedTask } from '../generated-entries.ts';
import { keyOf } from '../text-vectors.ts';
import { residentMb, timeSearches, type PassOptions, type SearchTimes } from '../per-query.ts';

export interface LangchainRecallInput extends PassOptions {
  readonly peers: string;
  readonly count: number;
  readonly tasks: number;
}

interface Package {
  readonly MemoryVectorStore: new (embeddings: Embeddings) => {
    addVectors(vectors: number[][], documents: { pageContent: string; metadata: object }[]): Promise<void>;
    similaritySearch(text: string, limit: number): Promise<unknown[]>;
  };
}

/** What a LangChain program does instead: the six texts nearest to the task's, by the same embedder, whose query vectors are known. */
export async function work(input: LangchainRecallInput): Promise<SearchTimes & { readonly memoryMb: number }> {
  const before = residentMb();
  const { MemoryVectorStore } = await importPeer<Package>(
    input.peers,
    'langchain',
    '@langchain/classic/vectorstores/memory',
  );
  const embedder = compact();
  const tasks = Array.from({ length: input.tasks }, (_, number) => generatedTask(number));
  const known = await embedder.embed(tasks.map(({ instruction }) => instruction));
  const asked = new Map(tasks.map(({ instruction }, at) => [instruction, Array.from(known[at]!)]));
  const store = new MemoryVectorStore({
    embedQuery: (text) => Promise.resolve(asked.get(text)!),
    embedDocuments: () => Promise.reject(new Error('Vectors are added as they are.')),
  });
  for (let first = 0; first < input.count; first += 1000) {
    const size = Math.min(1000, input.count - first);
    const entries = Array.from({ length: size }, (_, at) => generatedEntry(first + at, 'measured'));
    const vectors = await embedder.embed(entries.map(keyOf));
    await store.addVectors(
      vectors.map((vector) => Array.from(vector)),
      entries.map((entry) => ({ pageContent: entryProse(entry), metadata: { id: entry.id } })),
    );
  }
  const { times } = await timeSearches(tasks.length, (at) => store.similaritySearch(tasks[at]!.instruction, 6), input);
  return { ...times, memoryMb: residentMb() - before };
}
