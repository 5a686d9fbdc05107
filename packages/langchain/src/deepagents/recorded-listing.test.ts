import { AIMessage } from '@langchain/core/messages';
import { createMemory } from '@skillrl/memory';
import { memoryEntryStore, memoryEpisodeStore } from '@skillrl/testing';
import { createDeepAgent, createSkillsMiddleware } from 'deepagents';
import { createAgent, fakeModel } from 'langchain';
import { describe, expect, it } from 'vitest';

import { skillOf } from '../../test-support/skill-agents.ts';
import { skillMemory } from '../skill-memory.ts';
import { reloadSkills } from './reload-skills.ts';
import { skillBackend, type SkillBackendOptions } from './skill-backend.ts';

const ask = { messages: [{ role: 'user', content: 'Repair the blue mugs.' }] };

describe('a listing for a deep agent', () => {
  it('stands on the episode of its run, with what the middleware showed', async () => {
    const { agent, all } = await listing();
    const { messages } = await agent.invoke(ask);
    const [episode] = await all();
    expect(messages.at(-1)?.text).toBe('Done.');
    const [first, ...others] = episode!.calls;
    // The block of a recall is short; the listing goes on below its threshold.
    expect(first?.recall?.shown.map(({ entryId }) => entryId).toSorted()).toEqual(['skill-0', 'skill-1', 'skill-2']);
    expect(first?.recall?.namespace).toBe('default');
    expect(others).toEqual([]);
  });

  it('leaves out what its episode withholds, and says with what probability', async () => {
    const { agent, all, prompts } = await listing({ withheld: 0.5, runs: 40 });
    for (let run = 0; run < 40; run += 1) await agent.invoke(ask);
    const episodes = await all();
    const prompted = prompts();
    let withheld = 0;
    for (const [run, { calls }] of episodes.entries()) {
      const { recall } = calls[0]!;
      for (const { entryId, propensity } of recall?.withheld ?? []) {
        withheld += 1;
        expect(propensity).toBe(0.5);
        expect(prompted[run]).not.toContain(titleOf(entryId));
      }
      for (const { entryId } of recall?.shown ?? []) expect(prompted[run]).toContain(titleOf(entryId));
    }
    expect(withheld).toBeGreaterThan(5);
  });

  it('of another tenant than the run is on no episode', async () => {
    const { agent, all } = await listing({ namespace: 'acme' });
    await agent.invoke(ask, { context: { skillMemory: { namespace: 'acme' } } });
    const [episode] = await all();
    expect(episode?.tags['namespace']).toBe('acme');
    expect(episode?.calls[0]?.recall?.shown).toEqual([]);
  });

  it('of a deep agent is recorded too', async () => {
    const { skills, backend, all } = await listing();
    const model = fakeModel().respond(new AIMessage('Done.'));
    const agent = createDeepAgent({ model, backend, skills: ['/skills/'], middleware: [skills.middleware()] });
    await skills.attach(agent).invoke(ask);
    expect((await all())[0]?.calls[0]?.recall?.shown).toHaveLength(3);
  });
});

const titles = ['How to repair mugs', 'How to glue blue cups', 'How to wash the mugs'];
const titleOf = (id: string): string => titles[Number(id.split('-')[1])]!;

async function listing({
  withheld = 0,
  runs = 1,
  ...options
}: Partial<SkillBackendOptions> & { withheld?: number; runs?: number; namespace?: string } = {}) {
  const [episodes, entries] = [memoryEpisodeStore(), memoryEntryStore()];
  const put = titles.map((title, at) => skillOf(title, at));
  await entries.commit({ namespace: 'default', reason: 'test', put });
  const memory = createMemory({ episodes, entries }, { recall: { withholdProbability: withheld } });
  await memory.recaller.prepare();
  const skills = skillMemory(memory, { learn: 'off' });
  const backend = skillBackend(memory, { recordedBy: skills, minRelevance: 0, ...options });
  let model = fakeModel();
  for (let run = 0; run < runs; run += 1) model = model.respond(new AIMessage('Done.'));
  const middleware = [
    createSkillsMiddleware({ backend, sources: ['/skills/'] }),
    reloadSkills(),
    skills.middleware(),
  ] as const;
  const agent = skills.attach(createAgent({ model, tools: [], systemPrompt: 'Help.', middleware }));
  const all = async () => {
    await skills.flush();
    return Array.fromAsync(episodes.episodes());
  };
  return { agent, skills, backend, all, prompts: () => model.calls.map(({ messages }) => messages[0]!.text) };
}
