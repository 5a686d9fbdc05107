import type { EngineModule } from './engine.ts';
import type { Embeddings } from './known-embeddings.ts';
import { langchainStore, type VectorStore } from './langchain.ts';
import { importPeer } from './peer.ts';

interface Package {
  readonly HNSWLib: new (embeddings: Embeddings, options: { readonly space: 'cosine' }) => VectorStore;
}

/** It takes no `ef`: the library's own, 10, is what its users get. */
export const open: EngineModule['open'] = async (options) => {
  const { HNSWLib } = await importPeer<Package>(
    options.peers,
    'langchain',
    '@langchain/community/vectorstores/hnswlib',
  );
  return langchainStore(options, (embeddings) => new HNSWLib(embeddings, { space: 'cosine' }));
};
