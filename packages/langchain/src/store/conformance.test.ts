import { memoryEntryStore, memoryEpisodeStore, seededRandom } from '@skillrl/testing';
import { InMemoryStore } from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';

import { aSkillMemory } from '../../test-support/agents.ts';
import { compareHistories } from '../../test-support/store-histories.ts';

const operations = 4_200;

describe('a random history, against InMemoryStore', () => {
  for (const seed of [1, 2, 3]) {
    it(`gives the same answers (seed ${seed})`, async () => {
      const ours = aSkillMemory({}, { episodes: memoryEpisodeStore(), entries: memoryEntryStore() }).skills.asStore();
      expect(await compareHistories(ours, new InMemoryStore(), seededRandom(seed), operations / 3)).toEqual([]);
    });
  }
});
