import { InMemoryStore } from '@langchain/langgraph';
import { skillMemory } from '@skillrl/langchain';
import { seededRandom, temporaryFolder } from '@skillrl/testing';
import { openSkillMemory } from 'skillrl';
import { describe, expect, it } from 'vitest';

import { compareHistories } from '../../../packages/langchain/test-support/store-histories.ts';

describe('a random history of a LangGraph store on the disk, against InMemoryStore', () => {
  for (const seed of [4, 5, 6]) {
    it(`gives the same answers (seed ${seed})`, async () => {
      await using memory = await openSkillMemory(temporaryFolder());
      const ours = skillMemory(memory).asStore();
      expect(await compareHistories(ours, new InMemoryStore(), seededRandom(seed), 1_400)).toEqual([]);
    }, 300_000);
  }
});
