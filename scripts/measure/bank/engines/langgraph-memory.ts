import type { Engine, EngineModule } from './engine.ts';
import { knownEmbeddings, type Embeddings } from './known-embeddings.ts';
import { importPeer } from './peer.ts';

type Hits = { readonly key: string }[];

interface Package {
  readonly InMemoryStore: new (options: {
    readonly index: { readonly dims: number; readonly embeddings: Embeddings; readonly fields: string[] };
  }) => {
    put(namespace: string[], key: string, value: object): Promise<void>;
    search(namespace: string[], options: { readonly query: string; readonly limit: number }): Promise<Hits>;
  };
}

export const open: EngineModule['open'] = async (options): Promise<Engine<string, Hits>> => {
  const { InMemoryStore } = await importPeer<Package>(options.peers, 'langchain', '@langchain/langgraph-checkpoint');
  const embeddings = knownEmbeddings(options);
  const store = new InMemoryStore({ index: { dims: options.dimensions, embeddings, fields: ['text'] } });
  return {
    add: async (first, rows) => {
      for (const [at, row] of rows.entries()) {
        const text = `entry ${first + at}`;
        embeddings.documents.set(text, Array.from(row));
        await store.put(['bank'], String(first + at), { text });
        embeddings.documents.delete(text);
      }
    },
    query: (_, number) => `q${number}`,
    search: (query, limit) => store.search(['bank'], { query, limit }),
    rows: (hits) => hits.map(({ key }) => Number(key)),
  };
};
