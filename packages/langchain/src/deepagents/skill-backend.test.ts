import { AIMessage } from '@langchain/core/messages';
import { MemorySaver } from '@langchain/langgraph';
import { estimateTokens, skillName } from '@skillrl/memory';
import { aLesson, aPrinciple, temporaryFolder } from '@skillrl/testing';
import {
  CompositeBackend,
  createDeepAgent,
  createFilesystemMiddleware,
  createSkillsMiddleware,
  StateBackend,
} from 'deepagents';
import { createAgent, fakeModel } from 'langchain';
import { describe, expect, it, vi } from 'vitest';

import { folderBackend, memoryWith, promptFor, skillOf } from '../../test-support/skill-agents.ts';
import { reloadSkills } from './reload-skills.ts';
import { skillBackend } from './skill-backend.ts';
import type { SkillListing } from './listed-skills.ts';

const subjects = [
  'mugs',
  'lamps',
  'invoices',
  'trains',
  'gardens',
  'passwords',
  'soup',
  'bicycles',
  'contracts',
  'maps',
];
const verbs = [
  'repair',
  'find',
  'sell',
  'describe',
  'compare',
  'count',
  'clean',
  'order',
  'draw',
  'weigh',
  'photograph',
  'label',
];
const skills = verbs.flatMap((verb, row) =>
  subjects.map((subject, column) => skillOf(`How to ${verb} ${subject} without mistakes`, row * 10 + column)),
);
const about = (text: string) => skills.find(({ title }) => title.includes(text))!;
const human = (content: string) => ({ messages: [{ role: 'user', content }] });

describe('the skills of a deep agent', () => {
  it('are those for the task, within the budget, where deepagents by itself lists all', async () => {
    const { memory } = await memoryWith(skills);
    const listings: SkillListing[] = [];
    const backend = skillBackend(memory, { budgetTokens: 300, onListed: (one) => void listings.push(one) });
    const everything = folderBackend(temporaryFolder(), skills);
    let found = 0;
    let characters = 0;
    for (const { title } of skills) {
      const prompt = await promptFor(backend, `Tell me ${title.toLowerCase().replace(' without mistakes', '')}.`);
      const { tokens } = listings.at(-1)!;
      const lines = prompt.split('\n').filter((line) => line.startsWith('- **') || line.includes('→ Read'));
      expect(tokens).toBeLessThanOrEqual(300);
      expect(estimateTokens(lines.filter((line) => !line.includes('Skills**')).join('\n'))).toBeLessThanOrEqual(tokens);
      found += Number(prompt.includes(`: ${title}. Use it when`));
      characters += prompt.length;
    }
    const all = (await promptFor(everything, 'anything')).length;
    console.log(
      `listed for ${found} of ${skills.length} tasks; prompt ${Math.round(characters / skills.length)} characters, with all ${all}`,
    );
    expect(found).toBe(skills.length);
    expect(characters / skills.length).toBeLessThan(all / 4);
  }, 60_000);

  it('are listed anew for a new task in the same thread, and the agent reads them by their path', async () => {
    const { memory } = await memoryWith(skills);
    const backend = skillBackend(memory);
    const path = `/skills/${skillName(about('repair mugs'))}/SKILL.md`;
    const model = fakeModel()
      .respondWithTools([{ name: 'read_file', args: { file_path: path }, id: 'c1' }])
      .respond(new AIMessage('one'))
      .respond(new AIMessage('two'))
      .respond(new AIMessage('three'));
    const middleware = [
      createFilesystemMiddleware({ backend }),
      createSkillsMiddleware({ backend, sources: ['/skills/'] }),
    ];
    const agent = createAgent({ model, tools: [], middleware, checkpointer: new MemorySaver() });
    const config = { configurable: { thread_id: 't' } };
    const { messages } = await agent.invoke(human('How do I repair mugs?'), config);
    expect(messages.find((one) => one.getType() === 'tool')?.text).toContain('How to repair mugs');
    await agent.invoke(human('How do I sell trains?'), config);
    const again = { ...human('How do I sell trains?'), skillsMetadata: null };
    await agent.invoke(again, config);
    const prompts = model.calls.map(({ messages: [system] }) => system!.text);
    expect(prompts[0]).toContain('repair mugs');
    // deepagents keeps the first list of a thread …
    expect(prompts[2]).not.toContain('sell trains');
    // … until it is told not to.
    expect(prompts[3]).toContain('sell trains');
  });

  it('are listed anew for every run where reloadSkills is among the middleware', async () => {
    const { memory } = await memoryWith(skills);
    const model = fakeModel().respond(new AIMessage('one')).respond(new AIMessage('two'));
    const middleware = [
      createSkillsMiddleware({ backend: skillBackend(memory), sources: ['/skills/'] }),
      reloadSkills(),
    ];
    const agent = createAgent({ model, tools: [], middleware, checkpointer: new MemorySaver() });
    const config = { configurable: { thread_id: 't' } };
    await agent.invoke(human('How do I repair mugs?'), config);
    await agent.invoke(human('How do I sell trains?'), config);
    const prompts = model.calls.map(({ messages: [system] }) => system!.text);
    expect(prompts[0]).toContain('repair mugs');
    expect(prompts[1]).toContain('sell trains');
  });

  it('are a route of a composite backend in createDeepAgent', async () => {
    const { memory } = await memoryWith(skills);
    const backend = new CompositeBackend(new StateBackend(), {
      '/skills/': skillBackend(memory, { root: '/', shownRoot: '/skills/' }),
    });
    const path = `/skills/${skillName(about('label maps'))}/SKILL.md`;
    const model = fakeModel()
      .respondWithTools([{ name: 'read_file', args: { file_path: path }, id: 'c1' }])
      .respond(new AIMessage('Done.'));
    const agent = createDeepAgent({ model, backend, skills: ['/skills/'] });
    const { messages } = await agent.invoke(human('How do I label maps?'));
    expect(model.calls[0]!.messages[0]!.text).toContain(path);
    expect(messages.find((one) => one.getType() === 'tool')?.text).toContain('How to label maps');
  }, 30_000);
});

describe('the backend', () => {
  it('reads any skill that may be served, in pages, and nothing else', async () => {
    const hidden = aLesson({ id: 'hidden', title: 'Not approved', status: 'quarantined' });
    const { memory, entries } = await memoryWith([...skills, hidden]);
    const backend = skillBackend(memory);
    const path = `/skills/${skillName(about('draw soup'))}/SKILL.md`;
    const whole = await backend.read(path);
    expect(whole).toMatchObject({ content: expect.stringContaining('How to draw soup'), mimeType: 'text/markdown' });
    expect(whole.content).not.toContain('metadata');
    expect(await backend.read(path, 1, 1)).toMatchObject({ startLine: 2, endLine: 2, nextOffset: 2 });
    expect(await backend.ls(path.replace('/SKILL.md', ''))).toMatchObject({ files: [{ path }] });
    expect(await backend.ls('/')).toMatchObject({ files: [{ path: '/skills/', is_dir: true }] });
    for (const none of [
      `/skills/${skillName(hidden)}/SKILL.md`,
      '/skills/nothing/SKILL.md',
      '/etc/passwd',
      '/skills/../x',
    ]) {
      expect(await backend.read(none)).toEqual({ error: expect.stringContaining('not found') });
    }
    await entries.commit({
      namespace: 'default',
      reason: 'test',
      statuses: [{ id: about('draw soup').id, status: 'retired' }],
    });
    expect(await backend.read(path)).toMatchObject({ error: expect.any(String) });
  });

  it('is read only', async () => {
    const { memory } = await memoryWith(skills);
    const backend = skillBackend(memory);
    expect(await backend.write('/skills/x/SKILL.md', '')).toMatchObject({
      error: expect.stringContaining('read only'),
    });
    expect(await backend.edit('/skills/x/SKILL.md', 'a', 'b')).toMatchObject({ error: expect.any(String) });
    expect(await backend.delete?.('/skills/')).toMatchObject({ error: expect.any(String) });
    expect(await backend.uploadFiles?.([['/skills/x', new Uint8Array()]])).toMatchObject([
      { error: 'permission_denied' },
    ]);
  });

  it('searches and globs what is listed', async () => {
    const { memory } = await memoryWith(skills);
    const backend = skillBackend(memory, { task: () => 'How do I clean lamps?' });
    const { matches = [] } = await backend.grep('clean lamps');
    expect(matches[0]).toMatchObject({ path: expect.stringContaining('clean-lamps'), text: expect.any(String) });
    expect(await backend.grep('without', '/', null, 1)).toMatchObject({ truncated: true, matches: { length: 1 } });
    const { files = [] } = await backend.glob('**/*.md');
    expect(files.length).toBeGreaterThan(0);
    expect(await backend.glob('*.txt')).toEqual({ files: [] });
  });

  it('never fails a run: what cannot be read is an empty list, and is told', async () => {
    const { memory } = await memoryWith(skills);
    const onError = vi.fn();
    const broken = { ...memory, recaller: { ...memory.recaller, explain: () => Promise.reject(new Error('gone')) } };
    const prompt = await promptFor(skillBackend(broken, { onError }), 'How do I repair mugs?');
    expect(prompt).toContain('No skills available');
    expect(onError).toHaveBeenCalledOnce();
  });

  it('keeps a description from reaching beyond its place in the prompt', async () => {
    const evil = aPrinciple({ id: 'evil', title: "Cost of mugs $` $' $& $$", status: 'active' });
    const { memory } = await memoryWith([evil]);
    const prompt = await promptFor(skillBackend(memory), 'What is the cost of mugs?');
    expect(prompt.match(/## Skills System/gu)).toHaveLength(1);
    expect(prompt).toContain("$ ` $ ' $ & $ $");
  });

  it('refuses options that cannot be meant', async () => {
    const { memory } = await memoryWith([]);
    expect(() => skillBackend(memory, { budgetTokens: 0 })).toThrow(/at least one token/);
    expect(() => skillBackend(memory, { root: 'skills' })).toThrow(/root/);
  });
});
