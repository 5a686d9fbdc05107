import { AIMessage } from '@langchain/core/messages';
import { Document } from '@langchain/core/documents';
import type { EmbeddingsInterface } from '@langchain/core/embeddings';
import type { VectorStore } from '@langchain/core/vectorstores';
import { aTask, hashEmbedder } from '@skillrl/testing';
import { createAgent, fakeModel } from 'langchain';
import { describe, expect, it } from 'vitest';

import { aSkillMemory } from '../test-support/agents.ts';
import { documentRecaller } from './document-recaller.ts';

const embedder = hashEmbedder({ dimensions: 64 });
const embeddings: EmbeddingsInterface = {
  embedDocuments: async (texts) => (await embedder.embed(texts)).map((vector) => Array.from(vector)),
  embedQuery: async (text) => Array.from((await embedder.embed([text]))[0]!),
};
const documents = [
  new Document({ pageContent: 'mugs are on the shelf above the sink', metadata: { room: 'kitchen' } }),
  new Document({ pageContent: 'pans hang on the wall', metadata: { room: 'kitchen' } }),
  new Document({ pageContent: 'mugs of the guests are in the cellar', metadata: { room: 'cellar' } }),
];
const task = aTask({ instruction: 'where are mugs on the shelf' });

/** `@langchain/community` is no dependency: what of it is installed is tested. */
async function community(): Promise<{ fromDocuments(...given: unknown[]): Promise<VectorStore> } | undefined> {
  const name = '@langchain/community/vectorstores/hnswlib';
  const module = (await import(name).catch(() => undefined)) as { readonly HNSWLib: never } | undefined;
  return module?.HNSWLib;
}

const sources = [
  {
    name: 'our own vector store',
    score: 'similarity' as const,
    open: async () => {
      const store = aSkillMemory().skills.asVectorStore(embeddings);
      await store.addDocuments(documents);
      return store;
    },
  },
  {
    name: 'HNSWLib of @langchain/community',
    score: 'distance' as const,
    open: async () => (await community())?.fromDocuments(documents, embeddings),
  },
];

describe.each(sources)('documents of $name', ({ score, open }) => {
  const opened = async (context: { skip(condition: boolean, reason: string): void }) => {
    const store = await open().catch((error: Error) => {
      if (!/hnswlib-node/.test(error.message)) throw error;
      return undefined;
    });
    context.skip(store === undefined, '@langchain/community, or hnswlib-node, is not installed');
    return store!;
  };

  it('come best first, under ids that are the same the next time', async (context) => {
    const recaller = documentRecaller(await opened(context), { score, limit: 2 });
    const { entries, text, recall } = await recaller.recall({ task });
    expect(entries[0]?.body).toMatchObject({ principle: documents[0]!.pageContent });
    expect(entries).toHaveLength(2);
    expect(text).toContain('above the sink');
    expect(recall.shown.map(({ entryId }) => entryId)).toEqual(entries.map(({ id }) => id));
    expect(recall).toMatchObject({ namespace: 'documents', withheld: [], tokens: expect.any(Number) });
    expect((await recaller.recall({ task })).entries).toEqual(entries);
    expect((await recaller.restore(recall, { task })).entries).toEqual(entries);
    const hits = await recaller.search('pans on the wall');
    expect(hits[0]).toMatchObject({ title: 'pans hang on the wall' });
    expect(hits[0]!.relevance).toBeGreaterThan(hits.at(-1)!.relevance);
  });

  it('are filtered here, by a function: an object would end the process in HNSWLib', async (context) => {
    const filter = ({ metadata }: { readonly metadata: Record<string, unknown> }) => metadata['room'] === 'cellar';
    const recaller = documentRecaller(await opened(context), { score, filter, limit: 1 });
    const { entries } = await recaller.recall({ task });
    expect(entries.map(({ title }) => title)).toEqual(['mugs of the guests are in the cellar']);
  });

  it('keep to the budget and the threshold, and say what became of each', async (context) => {
    const store = await opened(context);
    const tight = documentRecaller(store, { score, budgetTokens: 90, limit: 3 });
    const { advice, candidates, budget } = await tight.explain({ task });
    expect(advice.recall.tokens).toBeLessThanOrEqual(90);
    expect(budget.left).toBeGreaterThanOrEqual(0);
    expect(candidates.map(({ decision }) => decision)).toContain('over-budget');
    const strict = documentRecaller(store, { score, threshold: score === 'similarity' ? 0.9 : 0.1 });
    expect((await strict.recall({ task: aTask({ instruction: 'a kettle' }) })).entries).toEqual([]);
    expect((await strict.recall({ task: aTask({ instruction: documents[1]!.pageContent }) })).entries).toHaveLength(1);
  });

  it('are shown to an agent in the place of the bank, and recorded', async (context) => {
    const store = await opened(context);
    const { skills, all, failures } = aSkillMemory({
      recaller: () => documentRecaller(store, { score, name: 'runbooks' }),
    });
    const model = fakeModel().respond(new AIMessage('On the shelf.'));
    const agent = skills.attach(createAgent({ model, tools: [], middleware: [skills.middleware()] }));
    await agent.invoke({ messages: [{ role: 'user', content: task.instruction }] });
    expect(model.calls[0]?.messages[0]?.text).toContain('above the sink');
    expect(failures).toEqual([]);
    const [episode] = await all();
    expect(episode?.calls[0]?.recall).toMatchObject({ namespace: 'runbooks' });
    expect(episode?.calls[0]?.recall?.shown.length).toBeGreaterThan(0);
  });
});

describe('documentRecaller', () => {
  it('asks nothing for an empty task', async () => {
    const recaller = documentRecaller({ similaritySearchWithScore: () => Promise.reject(new Error('asked')) });
    expect((await recaller.recall({ task: aTask({ instruction: ' ' }) })).entries).toEqual([]);
  });

  it('never passes a filter on, and takes one text twice for one', async () => {
    const asked: unknown[][] = [];
    const store = {
      similaritySearchWithScore: async (...given: [string, number?]) => {
        asked.push(given);
        return [documents[0]!, documents[0]!].map((document): [Document, number] => [document, 0.5]);
      },
    };
    const { entries } = await documentRecaller(store, { filter: () => true }).recall({ task });
    expect(entries).toHaveLength(1);
    expect(asked).toEqual([[task.instruction, 16]]);
  });

  it('says which store failed, and an agent runs on without', async () => {
    const broken = documentRecaller({ similaritySearchWithScore: () => Promise.reject(new Error('no index')) });
    await expect(broken.recall({ task })).rejects.toMatchObject({ code: 'INDEX_FAILED', name: 'IndexError' });
    const { skills, all, failures } = aSkillMemory({ recaller: () => broken });
    const agent = skills.attach(
      createAgent({ model: fakeModel().respond(new AIMessage('?')), tools: [], middleware: [skills.middleware()] }),
    );
    await agent.invoke({ messages: [{ role: 'user', content: 'mugs' }] });
    expect(failures).toEqual([expect.stringContaining('read the memory')]);
    expect((await all())[0]?.calls[0]?.recall?.degraded).toMatch(/no index/);
  });
});
