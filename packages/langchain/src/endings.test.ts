import { AIMessage } from '@langchain/core/messages';
import { Command, MemorySaver } from '@langchain/langgraph';
import { createAgent, fakeModel, humanInTheLoopMiddleware, modelCallLimitMiddleware, tool } from 'langchain';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { aSkillMemory, broken, search } from '../test-support/agents.ts';

const ask = { messages: [{ role: 'user', content: 'find the mugs' }] };
const searching = [{ name: 'search', args: { query: 'mugs' }, id: 'c1' }];

describe('an episode is closed exactly once', () => {
  it('when the agent comes to its end', async () => {
    const { skills, all, failures } = aSkillMemory();
    const model = fakeModel().respondWithTools(searching).respond(saying('they are on the shelf'));
    const agent = skills.attach(createAgent({ model, tools: [search], middleware: [skills.middleware()] }));
    await agent.invoke(ask);
    const [episode, ...others] = await all();
    expect(others).toEqual([]);
    expect(failures).toEqual([]);
    expect(episode).toMatchObject({ end: 'terminated', outcome: undefined, task: { instruction: 'find the mugs' } });
    expect(episode?.steps.map(({ action, observation }) => [action, observation])).toEqual([
      ['search {"query":"mugs"}', 'found mugs'],
      ['they are on the shelf', undefined],
    ]);
    expect(episode?.calls).toHaveLength(2);
    expect(episode?.calls[1]?.parent).toBe(episode?.calls[0]?.id);
    expect(episode?.calls[1]?.newMessages).toEqual([{ role: 'tool', content: 'found mugs' }]);
  });

  it('when a tool throws', async () => {
    const { skills, all } = aSkillMemory();
    const model = fakeModel().respondWithTools([{ name: 'broken', args: {}, id: 'c1' }]);
    const agent = skills.attach(createAgent({ model, tools: [broken], middleware: [skills.middleware()] }));
    await expect(agent.invoke(ask)).rejects.toThrow('the tool broke');
    expect(await all()).toMatchObject([
      { end: 'errored', outcome: { status: 'errored' }, steps: [{ observation: 'Error: the tool broke' }] },
    ]);
  });

  it('when arguments do not fit the schema, and the agent goes on', async () => {
    const { skills, all } = aSkillMemory();
    const model = fakeModel()
      .respondWithTools([{ name: 'search', args: { query: 3 }, id: 'c1' }])
      .respond(saying('sorry'));
    const agent = skills.attach(createAgent({ model, tools: [search], middleware: [skills.middleware()] }));
    await agent.invoke(ask);
    const episodes = await all();
    expect(episodes).toMatchObject([{ end: 'terminated' }]);
    expect(episodes[0]?.steps[0]?.observation).toMatch(/schema/);
  });

  it('when the model asks for a tool that is not there', async () => {
    const { skills, all } = aSkillMemory();
    const model = fakeModel()
      .respondWithTools([{ name: 'nothing', args: {}, id: 'c1' }])
      .respond(saying('sorry'));
    const agent = skills.attach(createAgent({ model, tools: [search], middleware: [skills.middleware()] }));
    await agent.invoke(ask);
    const episodes = await all();
    expect(episodes).toMatchObject([{ end: 'terminated' }]);
    expect(episodes[0]?.steps[0]?.observation).toMatch(/nothing/);
  });

  it('when the model throws', async () => {
    const { skills, all } = aSkillMemory();
    const model = fakeModel().alwaysThrow(new TypeError('fetch failed'));
    const agent = skills.attach(createAgent({ model, tools: [search], middleware: [skills.middleware()] }));
    await expect(agent.invoke(ask)).rejects.toThrow('fetch failed');
    expect(await all()).toMatchObject([
      { end: 'errored', outcome: { error: { message: expect.stringContaining('fetch failed') } } },
    ]);
  });

  it('at the recursion limit', async () => {
    const { skills, all } = aSkillMemory();
    let model = fakeModel();
    for (let call = 0; call < 20; call += 1)
      model = model.respondWithTools([{ name: 'search', args: { query: 'x' }, id: `c${call}` }]);
    const agent = skills.attach(createAgent({ model, tools: [search], middleware: [skills.middleware()] }));
    await expect(agent.invoke(ask, { recursionLimit: 8 })).rejects.toThrow(/[Rr]ecursion limit/);
    expect(await all()).toMatchObject([
      { end: 'truncated', outcome: { status: 'truncated', limit: 'recursion limit' } },
    ]);
  });

  it('when another middleware jumps to the end', async () => {
    const { skills, all } = aSkillMemory();
    const model = fakeModel().respondWithTools(searching).respondWithTools(searching).respondWithTools(searching);
    const agent = skills.attach(
      createAgent({
        model,
        tools: [search],
        middleware: [modelCallLimitMiddleware({ runLimit: 1, exitBehavior: 'end' }), skills.middleware()],
      }),
    );
    await agent.invoke(ask);
    expect(await all()).toMatchObject([{ end: 'truncated', outcome: { status: 'truncated' } }]);
  });

  it('when it is aborted', async () => {
    const { skills, all } = aSkillMemory();
    const controller = new AbortController();
    const slow = tool(
      async () => {
        controller.abort();
        await new Promise((resolve) => setTimeout(resolve, 50));
        return 'late';
      },
      { name: 'slow', description: 'Slow.', schema: z.object({}) },
    );
    const model = fakeModel()
      .respondWithTools([{ name: 'slow', args: {}, id: 'c1' }])
      .respond(saying('done'));
    const agent = skills.attach(createAgent({ model, tools: [slow], middleware: [skills.middleware()] }));
    await expect(agent.invoke(ask, { signal: controller.signal })).rejects.toThrow(/[Aa]bort/);
    await expect.poll(all).toMatchObject([{ end: 'errored', outcome: { error: { code: 'ABORTED' } } }]);
  });

  it('when the one who reads the stream stops', async () => {
    const { skills, all } = aSkillMemory();
    const model = fakeModel().respondWithTools(searching).respond(saying('done'));
    const agent = skills.attach(createAgent({ model, tools: [search], middleware: [skills.middleware()] }));
    for await (const _ of await agent.stream(ask, { streamMode: 'updates' })) break;
    await expect.poll(all).toMatchObject([{ end: expect.stringMatching(/errored|truncated/) }]);
  });

  it('after a pause to ask somebody, when it goes on', async () => {
    const { skills, all } = aSkillMemory();
    const model = fakeModel().respondWithTools(searching).respond(saying('done'));
    const agent = skills.attach(
      createAgent({
        model,
        tools: [search],
        checkpointer: new MemorySaver(),
        middleware: [humanInTheLoopMiddleware({ interruptOn: { search: true } }), skills.middleware()],
      }),
    );
    const config = { configurable: { thread_id: 't' } };
    const paused = await agent.invoke(ask, config);
    expect(paused).toHaveProperty('__interrupt__');
    expect(await all()).toMatchObject([{ end: undefined }]);
    await agent.invoke(new Command({ resume: { decisions: [{ type: 'approve' }] } }), config);
    const episodes = await all();
    expect(episodes).toMatchObject([{ end: 'terminated' }]);
    expect(episodes[0]?.steps.map(({ observation }) => observation)).toEqual(['found mugs', undefined]);
  });

  it('after a pause, when another process goes on', async () => {
    const first = aSkillMemory();
    const checkpointer = new MemorySaver();
    const config = { configurable: { thread_id: 't' } };
    const agentOf = ({ skills }: typeof first, model: ReturnType<typeof fakeModel>) =>
      skills.attach(
        createAgent({
          model,
          tools: [search],
          checkpointer,
          middleware: [humanInTheLoopMiddleware({ interruptOn: { search: true } }), skills.middleware()],
        }),
      );
    await agentOf(first, fakeModel().respondWithTools(searching)).invoke(ask, config);
    await first.skills.flush();
    const second = aSkillMemory({}, first);
    await agentOf(second, fakeModel().respond(saying('done'))).invoke(
      new Command({ resume: { decisions: [{ type: 'approve' }] } }),
      config,
    );
    await second.skills.flush();
    const episodes = await first.all();
    expect(episodes).toMatchObject([{ end: 'terminated' }]);
    expect(episodes[0]?.calls).toHaveLength(2);
    expect(episodes[0]?.steps).toHaveLength(2);
  });

  it('each of its own, when an agent asks another', async () => {
    const { skills, all } = aSkillMemory();
    const inner = skills.attach(
      createAgent({
        model: fakeModel().respond(saying('inner says hi')),
        tools: [],
        middleware: [skills.middleware()],
      }),
    );
    const delegate = tool(
      async ({ task }) => {
        const { messages } = await inner.invoke({ messages: [{ role: 'user', content: task }] });
        return messages.at(-1)?.text ?? '';
      },
      { name: 'delegate', description: 'Asks another.', schema: z.object({ task: z.string() }) },
    );
    const model = fakeModel()
      .respondWithTools([{ name: 'delegate', args: { task: 'greet' }, id: 'c1' }])
      .respond(saying('done'));
    await skills.attach(createAgent({ model, tools: [delegate], middleware: [skills.middleware()] })).invoke(ask);
    const episodes = await all();
    expect(new Map(episodes.map(({ task, end }) => [task.instruction, end]))).toEqual(
      new Map([
        ['find the mugs', 'terminated'],
        ['greet', 'terminated'],
      ]),
    );
  });

  it('of the inner one, when it throws and the outer one goes on', async () => {
    const { skills, all } = aSkillMemory();
    const inner = skills.attach(
      createAgent({
        model: fakeModel().alwaysThrow(new Error('inner broke')),
        tools: [],
        middleware: [skills.middleware()],
      }),
    );
    const delegate = tool(
      async () =>
        inner.invoke(ask).then(
          () => 'fine',
          () => 'it failed',
        ),
      { name: 'delegate', description: 'Asks another.', schema: z.object({}) },
    );
    const model = fakeModel()
      .respondWithTools([{ name: 'delegate', args: {}, id: 'c1' }])
      .respond(saying('done'));
    await skills.attach(createAgent({ model, tools: [delegate], middleware: [skills.middleware()] })).invoke({
      messages: [{ role: 'user', content: 'outer' }],
    });
    const episodes = await all();
    expect(new Map(episodes.map(({ task, end }) => [task.instruction, end]))).toEqual(
      new Map([
        ['find the mugs', 'errored'],
        ['outer', 'terminated'],
      ]),
    );
  });
});

it('calls and answers of parallel tools stand where they belong', async () => {
  const { skills, all } = aSkillMemory();
  const model = fakeModel()
    .respondWithTools([
      { name: 'search', args: { query: 'a' }, id: 'c1' },
      { name: 'search', args: { query: 'b' }, id: 'c2' },
    ])
    .respond(saying('done'));
  const agent = skills.attach(createAgent({ model, tools: [search], middleware: [skills.middleware()] }));
  for await (const _ of await agent.stream(ask, { streamMode: 'messages' }));
  const [episode] = await all();
  expect(episode?.end).toBe('terminated');
  expect(episode?.steps.map(({ action, observation }) => [action, observation])).toEqual([
    ['search {"query":"a"}', 'found a'],
    ['search {"query":"b"}', 'found b'],
    ['done', undefined],
  ]);
  expect(new Set(episode?.steps.slice(0, 2).flatMap(({ callIds }) => callIds)).size).toBe(1);
});

function saying(text: string) {
  return new AIMessage(text);
}
