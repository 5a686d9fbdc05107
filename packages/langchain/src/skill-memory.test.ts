import { AIMessage, HumanMessage, SystemMessage } from '@langchain/core/messages';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { MemorySaver, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import { ToolNode } from '@langchain/langgraph/prebuilt';
import { aLesson, aPrinciple } from '@skillrl/testing';
import { createAgent, fakeModel } from 'langchain';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { aSkillMemory, broken, search } from '../test-support/agents.ts';
import { llmJudge, structuredField, toolReward } from './graders.ts';
import { skillMemory } from './skill-memory.ts';

const instruction = 'Where are the mugs?';
const ask = { messages: [{ role: 'user', content: instruction }] };
const mugs = aPrinciple({
  id: 'mugs',
  title: 'Mugs are on the shelf',
  body: { principle: 'Mugs are on the shelf {above} the sink.', appliesWhen: 'somebody asks for mugs' },
});

async function withMugs(options?: Parameters<typeof aSkillMemory>[0]) {
  const all = aSkillMemory(options);
  await all.entries.commit({ namespace: 'default', reason: 'test', put: [mugs] });
  return all;
}

describe('what the memory has', () => {
  it('stands last in the system message, which stays as it is otherwise', async () => {
    const { skills, all } = await withMugs();
    const model = fakeModel().respond(new AIMessage('On the shelf.'));
    const systemPrompt = new SystemMessage({
      content: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
    });
    const agent = skills.attach(createAgent({ model, tools: [], systemPrompt, middleware: [skills.middleware()] }));
    const result = await agent.invoke(ask);
    const [system] = model.calls[0]!.messages;
    expect(system?.content).toEqual([
      { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: expect.stringContaining('Mugs are on the shelf {above} the sink.') },
    ]);
    expect(result.retrievedSkillIds).toEqual(['mugs']);
    expect(Object.keys(result)).not.toContain('_skillMemory');
    const [episode] = await all();
    expect(episode?.calls[0]?.recall?.shown).toMatchObject([{ entryId: 'mugs' }]);
  });

  it('is told to whoever reads the stream of custom events', async () => {
    const { skills } = await withMugs();
    const agent = skills.attach(
      createAgent({ model: fakeModel().respond(new AIMessage('ok')), tools: [], middleware: [skills.middleware()] }),
    );
    const events = await Array.fromAsync(await agent.stream(ask, { streamMode: 'custom' }));
    expect(events).toMatchObject([{ type: 'skill_memory.injected', entryIds: ['mugs'] }]);
  });

  it('is asked for again before every call with refresh: step', async () => {
    const { skills, entries, all } = await withMugs({ refresh: 'step' });
    await entries.commit({
      namespace: 'default',
      reason: 'test',
      put: [
        aLesson({ id: 'teapots', title: 'Teapots found', body: { ...aLesson().body, appliesWhen: 'found teapots' } }),
      ],
    });
    const model = fakeModel()
      .respondWithTools([{ name: 'search', args: { query: 'teapots' }, id: 'c1' }])
      .respond(new AIMessage('done'));
    const agent = skills.attach(createAgent({ model, tools: [search], middleware: [skills.middleware()] }));
    await agent.invoke(ask);
    const [episode] = await all();
    expect(episode?.calls).toHaveLength(2);
    expect(episode?.calls[1]?.recall?.shown.map(({ entryId }) => entryId)).toContain('teapots');
  });

  it('is not shown, and the run recorded all the same, when a run asks for none', async () => {
    const { skills, all } = await withMugs();
    const model = fakeModel().respond(new AIMessage('?'));
    const agent = skills.attach(createAgent({ model, tools: [], middleware: [skills.middleware()] }));
    await agent.invoke(ask, { context: { skillMemory: { enabled: false } } });
    expect(JSON.stringify(model.calls[0]?.messages)).not.toContain('shelf');
    expect(await all()).toMatchObject([{ end: 'terminated', tags: { memory: 'off' } }]);
  });

  it('belongs to one tenant', async () => {
    const { skills, entries, all } = await withMugs({
      namespace: ({ context }) =>
        `user ${(context as { skillMemory?: { tags?: { user?: string } } }).skillMemory?.tags?.user}`,
    });
    await entries.commit({ namespace: 'user a', reason: 'test', put: [{ ...mugs, namespace: 'user a', id: 'own' }] });
    const model = fakeModel().respond(new AIMessage('1')).respond(new AIMessage('2'));
    const agent = skills.attach(createAgent({ model, tools: [], middleware: [skills.middleware()] }));
    const forUser = (user: string) => ({ context: { skillMemory: { tags: { user } } } });
    expect((await agent.invoke(ask, forUser('a'))).retrievedSkillIds).toEqual(['own']);
    expect((await agent.invoke(ask, forUser('b'))).retrievedSkillIds).toEqual([]);
    expect(await all()).toHaveLength(2);
  });
});

describe('a tenant', () => {
  it('is found in the whole context of a run, and nobody is guessed where there is none', async () => {
    const { skills, entries, failures, all } = await withMugs({ namespace: ({ context }) => context.userId });
    await entries.commit({ namespace: 'ann', reason: 'test', put: [{ ...mugs, namespace: 'ann', id: 'own' }] });
    const model = fakeModel().respond(new AIMessage('1')).respond(new AIMessage('2')).respond(new AIMessage('3'));
    const contextSchema = z.object({ userId: z.string().optional() });
    const agent = skills.attach(
      createAgent({
        model,
        tools: [],
        contextSchema,
        middleware: [skills.middleware()],
        checkpointer: new MemorySaver(),
      }),
    );
    const configurable = { thread_id: '1' };
    expect((await agent.invoke(ask, { configurable, context: { userId: 'ann' } })).retrievedSkillIds).toEqual(['own']);
    const nobodys = await agent.invoke(ask, { configurable, context: {} });
    expect(nobodys.retrievedSkillIds).toEqual([]);
    expect(failures).toEqual([expect.stringContaining('named no tenant')]);
    expect(model.calls[1]?.messages.map(({ text }) => text).join()).not.toContain('shelf');
    expect(await all()).toMatchObject([{ tags: { namespace: 'ann' } }]);
    const { episodeId } = await skills.run(agent, ask, {
      grade: () => true,
      config: { configurable, context: { userId: 'ann' } },
    });
    expect((await all()).find(({ id }) => id === episodeId)?.outcome).toMatchObject({ status: 'success' });
  });

  it('of a chain is said in the metadata, as all that is of one run', async () => {
    const { skills, entries, all, failures } = await withMugs({ namespace: ({ context }) => context.userId });
    await entries.commit({ namespace: 'ann', reason: 'test', put: [{ ...mugs, namespace: 'ann', id: 'own' }] });
    const model = fakeModel().respond(new AIMessage('1')).respond(new AIMessage('2'));
    const chain = skills
      .withSkills(ChatPromptTemplate.fromTemplate('{skills}\n{question}').pipe(model), {
        query: ({ question }: { question: string }) => question,
      })
      .withConfig({ callbacks: [skills.tracer()] });
    await chain.invoke({ question: instruction });
    expect(failures).toEqual([expect.stringContaining('read the memory'), expect.stringContaining('record a run')]);
    expect(model.calls[0]?.messages[0]?.text).not.toContain('shelf');
    const skillMemory = { namespace: 'ann', episodeId: 'episode_mine', tags: { user: 'ann' } };
    await chain.invoke({ question: instruction }, { metadata: { skillMemory } });
    expect(await all()).toMatchObject([
      {
        id: 'episode_mine',
        tags: { namespace: 'ann', user: 'ann' },
        calls: [{ recall: { shown: [{ entryId: 'own' }] } }],
      },
    ]);
  });
});

it('a memory that fails changes nothing for the app', async () => {
  const gone = new Error('the disk is gone');
  const failing = new Proxy(
    {},
    {
      get: (_, method) =>
        method === 'episodes'
          ? () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(gone) }) })
          : () => Promise.reject(gone),
    },
  );
  const failures: string[] = [];
  const { memory } = aSkillMemory({}, { episodes: failing as never, entries: failing as never });
  const skills = skillMemory(memory, { onError: (what) => failures.push(what) });
  const model = fakeModel()
    .respondWithTools([{ name: 'search', args: { query: 'x' }, id: 'c1' }])
    .respond(new AIMessage('fine'));
  const agent = skills.attach(createAgent({ model, tools: [search], middleware: [skills.middleware()] }));
  expect((await agent.invoke(ask)).messages.at(-1)?.text).toBe('fine');
  expect(failures).toContain('read the memory');
});

it('an agent that was not attached is told of', async () => {
  const { skills, failures } = aSkillMemory();
  await createAgent({
    model: fakeModel().respond(new AIMessage('x')),
    tools: [],
    middleware: [skills.middleware()],
  }).invoke(ask);
  expect(failures).toEqual([expect.stringContaining('attach()')]);
});

describe('outcomes', () => {
  const graded = async (grade: Parameters<typeof aSkillMemory>[0]) => {
    const all = aSkillMemory(grade);
    const model = fakeModel()
      .respondWithTools([{ name: 'search', args: { query: '{"reward": 1}' }, id: 'c1' }])
      .respond(new AIMessage('done'));
    const agent = all.skills.attach(createAgent({ model, tools: [search], middleware: [all.skills.middleware()] }));
    await agent.invoke(ask);
    return (await all.all())[0];
  };

  it('are unknown without a judge', async () => {
    expect((await graded({}))?.outcome).toBeUndefined();
  });

  it('of a program are verified', async () => {
    const episode = await graded({ grade: ({ messages }) => messages.at(-1)?.text === 'done' });
    expect(episode?.outcome).toEqual({ status: 'success', score: 1, source: 'grader', verified: true });
  });

  it('of the first judge that can tell count', async () => {
    const judges = [structuredField('success'), toolReward('search'), () => 0.5];
    expect((await graded({ grade: judges }))?.outcome).toMatchObject({ score: 0.5, source: 'grader' });
  });

  it('that a model or a tool reports verify nothing', async () => {
    const run = {
      episodeId: 'e',
      task: { id: 't', environment: 'user', instruction, domainKind: 'convergent' } as const,
    };
    expect(await structuredField('ok')({ ...run, messages: [], structuredResponse: { ok: true } })).toMatchObject({
      source: 'model',
      verified: false,
    });
    const judge = llmJudge({ invoke: async () => new AIMessage('Yes.') });
    expect(await judge({ ...run, messages: [new HumanMessage('hi')] })).toMatchObject({
      source: 'model',
      verified: false,
    });
    expect(await llmJudge({ invoke: async () => new AIMessage('Perhaps.') })({ ...run, messages: [] })).toBeUndefined();
  });

  it('may come later, and again', async () => {
    const { skills, all } = aSkillMemory();
    const model = fakeModel().respond(new AIMessage('done'));
    const agent = skills.attach(createAgent({ model, tools: [], middleware: [skills.middleware()] }));
    const { episodeId } = await skills.run(agent, ask);
    expect((await all())[0]?.outcome).toBeUndefined();
    for (let again = 0; again < 2; again += 1) await skills.feedback(episodeId, true);
    expect((await all())[0]?.outcome).toEqual({ status: 'success', score: 1, source: 'user', verified: true });
    await skills.feedback(episodeId, false, { source: 'model' });
    expect((await all())[0]?.outcome).toMatchObject({ source: 'user' });
    await expect(skills.feedback('nowhere', true)).rejects.toMatchObject({ code: 'EPISODE_UNKNOWN' });
    await expect(skills.feedback(episodeId, 7)).rejects.toMatchObject({ code: 'GRADE_INVALID' });
  });

  it('of a benchmark come with the run', async () => {
    const { skills, all } = aSkillMemory();
    const agent = skills.attach(
      createAgent({ model: fakeModel().respond(new AIMessage('42')), tools: [], middleware: [skills.middleware()] }),
    );
    const ran = await skills.run(agent, ask, {
      task: { id: 't1', instruction: 'the answer', split: 'valid' },
      purpose: 'test',
      grade: ({ messages }) => messages.at(-1)?.text === '42',
    });
    expect(ran.outcome).toMatchObject({ status: 'success' });
    expect(await all()).toMatchObject([
      { id: ran.episodeId, purpose: 'test', task: { id: 't1' }, outcome: { verified: true } },
    ]);
  });
});

it.each([
  ['waits in quarantine', undefined, 'quarantined'],
  ['may be shown, where the tool is trusted', ['search'], 'trial'],
])('learns in the background from what ended; what a tool said %s', async (_what, trustedTools, status) => {
  const { skills, memory } = aSkillMemory({ learn: 'background', grade: () => true, trustedTools });
  const model = fakeModel()
    .respondWithTools([{ name: 'search', args: { query: 'mugs' }, id: 'c1' }])
    .respond(new AIMessage('on the shelf'));
  const agent = skills.attach(createAgent({ model, tools: [search], middleware: [skills.middleware()] }));
  await agent.invoke(ask);
  await skills.flush();
  expect((await memory.stats()).entries).toMatchObject({ kinds: { demonstration: 1 }, statuses: { [status]: 1 } });
});

describe('apps that are no agents', () => {
  const model = () => fakeModel().respond(new AIMessage('On the shelf.'));

  it('take a retriever', async () => {
    const { skills } = await withMugs();
    expect(await skills.asRetriever({ k: 2 }).invoke('mugs')).toMatchObject([
      { id: 'mugs', pageContent: expect.stringContaining('shelf'), metadata: { skillId: 'mugs', kind: 'principle' } },
    ]);
  });

  it('take a chain whose input carries the block, and a tracer that records it', async () => {
    const { skills, all } = await withMugs({ grade: () => true });
    const chatModel = model();
    const prompt = ChatPromptTemplate.fromMessages([
      ['system', 'Known:\n{skills}'],
      ['human', '{question}'],
    ]);
    const chain = skills.withSkills(prompt.pipe(chatModel), {
      query: ({ question }: { question: string }) => question,
    });
    await chain.invoke({ question: instruction }, { callbacks: [skills.tracer({ tags: { app: 'lcel' } })] });
    expect(chatModel.calls[0]?.messages[0]?.text).toContain('{above} the sink');
    expect(await all()).toMatchObject([
      {
        task: { instruction },
        end: 'terminated',
        outcome: { status: 'success' },
        tags: { app: 'lcel' },
        calls: [{ completion: 'On the shelf.' }],
      },
    ]);
  });

  it('take what is known in the node of a raw graph, and the tracer writes what was shown', async () => {
    const { skills, all } = await withMugs();
    const graphModel = model().respond(new AIMessage('?'));
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('model', async ({ messages }) => {
        const known = await skills.recall(messages[0]!.text);
        return { messages: [await graphModel.invoke([new SystemMessage(known), ...messages])] };
      })
      .addEdge(START, 'model')
      .compile();
    const { episodeId } = await skills.run(graph.withConfig({ callbacks: [skills.tracer()] }), ask, {
      grade: () => true,
    });
    expect(graphModel.calls[0]?.messages[0]?.text).toContain('{above} the sink');
    expect(await all()).toMatchObject([
      {
        id: episodeId,
        task: { instruction },
        outcome: { status: 'success' },
        calls: [{ recall: { shown: [{ entryId: 'mugs' }] } }],
      },
    ]);
    await graph.invoke(ask, {
      callbacks: [skills.tracer()],
      metadata: { skillMemory: { enabled: false } },
    });
    expect(graphModel.calls.at(-1)?.messages[0]?.text).toBe('');
  });

  it('take a tracer on a raw graph, where a tool that throws is an answer', async () => {
    const { skills, all } = aSkillMemory();
    const graphModel = fakeModel()
      .respondWithTools([
        { name: 'search', args: { query: 'mugs' }, id: 'c1' },
        { name: 'broken', args: {}, id: 'c2' },
      ])
      .respond(new AIMessage('done'));
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('model', async ({ messages }) => ({ messages: [await graphModel.invoke(messages)] }))
      .addNode('tools', new ToolNode([search, broken]))
      .addEdge(START, 'model')
      .addConditionalEdges('model', ({ messages }) =>
        ((messages.at(-1) as AIMessage).tool_calls ?? []).length > 0 ? 'tools' : '__end__',
      )
      .addEdge('tools', 'model')
      .compile();
    await graph.invoke({ messages: [new HumanMessage(instruction)] }, { callbacks: [skills.tracer()] });
    const [episode] = await all();
    expect(episode).toMatchObject({ task: { instruction }, end: 'terminated' });
    expect(episode?.calls).toHaveLength(2);
    expect(episode?.steps.map(({ action, observation }) => [action, observation])).toEqual([
      ['search {"query":"mugs"}', 'found mugs'],
      ['broken {}', expect.stringContaining('the tool broke')],
      ['done', undefined],
    ]);
  });

  it('take a tracer on a chain that fails', async () => {
    const { skills, all } = aSkillMemory();
    const chain = ChatPromptTemplate.fromTemplate('{question}').pipe(fakeModel().alwaysThrow(new Error('no model')));
    await expect(chain.invoke({ question: instruction }, { callbacks: [skills.tracer()] })).rejects.toThrow('no model');
    expect(await all()).toMatchObject([{ end: 'errored', outcome: { status: 'errored' } }]);
  });

  it('give an agent tools to look into the memory itself', async () => {
    const { skills, entries } = await withMugs();
    const [searchSkills, readSkill, reportOutcome] = skills.tools();
    expect(await searchSkills.invoke({ query: 'mugs' })).toContain('"id":"mugs"');
    expect(await readSkill.invoke({ id: 'mugs' })).toContain('above');
    await entries.commit({
      namespace: 'default',
      reason: 'test',
      put: [aPrinciple({ id: 'waiting', status: 'quarantined' })],
    });
    expect(await readSkill.invoke({ id: 'waiting' })).toContain("no skill 'waiting'");
    expect(await readSkill.invoke({ id: 'nothing' })).toContain("no skill 'nothing'");
    await expect(reportOutcome.invoke({ episodeId: 'nowhere', success: true })).rejects.toMatchObject({
      code: 'EPISODE_UNKNOWN',
    });
  });
});
