import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { AIMessage } from '@langchain/core/messages';
import type { BankEntry, Embedder } from '@skillrl/core';
import { createMemory, writeSkill } from '@skillrl/memory';
import { aPrinciple, memoryEntryStore, memoryEpisodeStore } from '@skillrl/testing';
import { createSkillsMiddleware, FilesystemBackend, type BackendProtocolV2 } from 'deepagents';
import { createAgent, fakeModel } from 'langchain';

/** A memory that holds the entries. */
export async function memoryWith(entries: readonly BankEntry[], embedder?: Embedder) {
  const store = memoryEntryStore();
  await store.commit({ namespace: 'default', reason: 'test', put: entries });
  const memory = createMemory({ episodes: memoryEpisodeStore(), entries: store, embedder });
  await memory.recaller.prepare();
  return { memory, entries: store };
}

/** A text as a skill that may be served. */
export function skillOf(text: string, number: number): BankEntry {
  return aPrinciple({
    id: `skill-${number}`,
    title: text,
    status: 'active',
    body: { principle: text, appliesWhen: text },
  });
}

/** The entries as folders on the disk, as deepagents reads them by itself: all of them. */
export function folderBackend(root: string, entries: readonly BankEntry[]): BackendProtocolV2 {
  for (const { name, text } of entries.map((entry) => writeSkill(entry))) {
    mkdirSync(join(root, 'skills', name), { recursive: true });
    writeFileSync(join(root, 'skills', name, 'SKILL.md'), text);
  }
  return new FilesystemBackend({ rootDir: root, virtualMode: true });
}

/** The system prompt that an agent with the skills of a backend sends for a task. */
export async function promptFor(backend: BackendProtocolV2, task: string): Promise<string> {
  const model = fakeModel().respond(new AIMessage('Done.'));
  const middleware = [createSkillsMiddleware({ backend, sources: ['/skills/'] })];
  const agent = createAgent({ model, tools: [], systemPrompt: 'Help.', middleware });
  await agent.invoke({ messages: [{ role: 'user', content: task }] });
  return model.calls[0]!.messages[0]!.text;
}
