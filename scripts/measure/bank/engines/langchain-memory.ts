import type { EngineModule } from './engine.ts';
import type { Embeddings } from './known-embeddings.ts';
import { langchainStore, type VectorStore } from './langchain.ts';
import { importPeer } from './peer.ts';

interface Package {
  readonly MemoryVectorStore: new (embeddings: Embeddings) => VectorStore;
}

export const open: EngineModule['open'] = async (options) => {
  const { MemoryVectorStore } = await importPeer<Package>(
    options.peers,
    'langchain',
    '@langchain/classic/vectorstores/memory',
  );
  return langchainStore(options, (embeddings) => new MemoryVectorStore(embeddings));
};
