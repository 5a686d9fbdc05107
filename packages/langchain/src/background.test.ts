import { AIMessage } from '@langchain/core/messages';
import type { EpisodeEvent } from '@skillrl/core';
import { memoryEntryStore, memoryEpisodeStore } from '@skillrl/testing';
import { createAgent, fakeModel } from 'langchain';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { SkillMemoryOptions } from './core.ts';
import { aSkillMemory } from '../test-support/agents.ts';

const ask = { messages: [{ role: 'user', content: 'find the mugs' }] };

afterEach(() => vi.unstubAllEnvs());

describe('a run that came to its end', () => {
  it('waits for no disk', async () => {
    const { agent, skills, disk, written } = slowDisk();
    await agent.invoke(ask);
    expect(written).toEqual([]);
    disk.resolve();
    await skills.flush();
    expect(written.at(-1)).toMatchObject({ type: 'episode-end', end: 'terminated' });
  });

  it('waits for no judge', async () => {
    const judge = Promise.withResolvers<boolean>();
    const { agent, skills, all } = answering({ grade: () => judge.promise });
    await agent.invoke(ask);
    judge.resolve(true);
    await skills.flush();
    expect(await all()).toMatchObject([{ end: 'terminated', outcome: { status: 'success' } }]);
  });

  it('asks the judge before anything else of the program happens', async () => {
    const asked: string[] = [];
    const { agent } = answering({ grade: ({ messages }) => void asked.push(messages.at(-1)!.text) });
    await agent.invoke(ask);
    expect(asked).toEqual(['on the shelf']);
  });

  it('is written before its memory closes, counts, learns, or hears an outcome', async () => {
    for (const read of ['close', 'stats', 'learn', 'outcome', 'forget'] as const) {
      const { agent, memory, episodes } = answering();
      const episodeId = `episode-${read}`;
      await agent.invoke(ask, { context: { skillMemory: { episodeId } } });
      if (read === 'outcome') await memory.outcome(episodeId, true);
      else if (read === 'forget') expect((await memory.forget(episodeId)).events).toBeGreaterThan(0);
      else if (read === 'stats') expect((await memory.stats()).episodes.unknown).toBe(1);
      else await memory[read]();
      const episode = await episodes.episode(episodeId);
      expect({ read, end: episode?.end }).toEqual({ read, end: read === 'forget' ? undefined : 'terminated' });
    }
  });

  it('waits where LangChain is told to wait for callbacks', async () => {
    vi.stubEnv('LANGCHAIN_CALLBACKS_BACKGROUND', 'false');
    const { agent, episodes } = answering({ grade: async () => true });
    await agent.invoke(ask, { context: { skillMemory: { episodeId: 'e' } } });
    expect(await episodes.episode('e')).toMatchObject({ end: 'terminated', outcome: { status: 'success' } });
  });

  it('is written by itself, with others that ended meanwhile', async () => {
    const { agent, disk, written, appends } = slowDisk();
    disk.resolve();
    await Promise.all([agent.invoke(ask), agent.invoke(ask), agent.invoke(ask)]);
    await expect.poll(() => written.filter(({ type }) => type === 'episode-end')).toHaveLength(3);
    expect(appends()).toBeLessThan(3);
  });
});

/** An agent that answers at once. */
function answering(options: SkillMemoryOptions = {}, stores?: Parameters<typeof aSkillMemory>[1]) {
  const parts = aSkillMemory(options, stores);
  const { skills } = parts;
  let model = fakeModel();
  for (let run = 0; run < 3; run += 1) model = model.respond(new AIMessage('on the shelf'));
  return { ...parts, agent: skills.attach(createAgent({ model, tools: [], middleware: [skills.middleware()] })) };
}

/** A store that appends nothing until its `disk` is resolved. */
function slowDisk() {
  const disk = Promise.withResolvers<void>();
  const written: EpisodeEvent[] = [];
  let count = 0;
  const store = memoryEpisodeStore();
  const append = async (events: readonly EpisodeEvent[]): Promise<void> => {
    await disk.promise;
    await store.append(events);
    written.push(...events);
    count += 1;
  };
  const parts = answering({}, { episodes: { ...store, append }, entries: memoryEntryStore() });
  return { ...parts, disk, written, appends: () => count };
}
