import type { EntryStore, EpisodeStore } from '@skillrl/core';
import { memoryEntryStore, memoryEpisodeStore } from '@skillrl/testing';
import { createMemory } from '@skillrl/memory';
import { tool } from 'langchain';
import { z } from 'zod';

import { skillMemory } from '../src/skill-memory.ts';
import type { SkillMemoryOptions } from '../src/core.ts';

interface Stores {
  readonly episodes: EpisodeStore;
  readonly entries: EntryStore;
}

/** A memory in the process, and the adapter over it; `failures` gathers what went wrong in it. */
export function aSkillMemory(
  options: SkillMemoryOptions = {},
  { episodes, entries }: Stores = { episodes: memoryEpisodeStore(), entries: memoryEntryStore() },
) {
  const memory = createMemory({ episodes, entries }, { recall: { withholdProbability: 0 } });
  const failures: string[] = [];
  const onError = (what: string, error: unknown): void => void failures.push(`${what}: ${String(error)}`);
  const skills = skillMemory(memory, { learn: 'off', onError, ...options });
  const all = async () => {
    await skills.flush();
    return Array.fromAsync(episodes.episodes());
  };
  return { skills, memory, episodes, entries, failures, all };
}

export const search = tool(({ query }) => `found ${query}`, {
  name: 'search',
  description: 'Searches.',
  schema: z.object({ query: z.string() }),
});

export const broken = tool(
  (): string => {
    throw new Error('the tool broke');
  },
  { name: 'broken', description: 'Breaks.', schema: z.object({}) },
);
