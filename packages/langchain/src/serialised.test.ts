import type { EmbeddingsInterface } from '@langchain/core/embeddings';
import { aPrinciple } from '@skillrl/testing';
import { createAgent, fakeModel } from 'langchain';
import { expect, it } from 'vitest';

import { aSkillMemory } from '../test-support/agents.ts';

it('nothing of the bank, and no secret, is in what LangChain writes of our parts into traces', async () => {
  const { skills, entries } = aSkillMemory();
  const put = [aPrinciple({ id: 'p', title: 'the secret of the bank' })];
  await entries.commit({ namespace: 'default', reason: 'test', put });
  const embeddings = { apiKey: 'sk-secret', embedDocuments: async () => [], embedQuery: async () => [1] };
  const parts = {
    retriever: skills.asRetriever(),
    vectorStore: skills.asVectorStore(embeddings as EmbeddingsInterface),
    vectorStoreRetriever: skills.asVectorStore(embeddings as EmbeddingsInterface).asRetriever(),
    tracer: skills.tracer(),
    callback: skills.callback(),
    store: skills.asStore(),
    middleware: skills.middleware(),
    tools: skills.tools(),
    chain: skills.withSkills(fakeModel() as never, { query: ({ question }: { question: string }) => question }),
    agent: skills.attach(createAgent({ model: fakeModel(), tools: [], middleware: [skills.middleware()] })).graph.name,
  };
  await parts.retriever.invoke('secret');
  for (const [name, part] of Object.entries(parts)) {
    const seen = new WeakSet();
    const text = JSON.stringify(part, (_, value: unknown) => {
      if (typeof value !== 'object' || value === null) return value;
      if (seen.has(value)) return '[again]';
      seen.add(value);
      return value;
    });
    expect(text ?? '', name).not.toMatch(/secret/);
  }
});

it('our classes are told apart by name and namespace', () => {
  const { skills } = aSkillMemory();
  const parts = [skills.asRetriever(), skills.asVectorStore()];
  expect(
    parts.map((part) => JSON.parse(JSON.stringify(part)) as { readonly id: string[] }).map(({ id }) => id),
  ).toEqual([
    ['skillrl', 'retrievers', 'SkillRetriever'],
    ['skillrl', 'vectorstores', 'SkillVectorStore'],
  ]);
});
