import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { Command, MemorySaver } from '@langchain/langgraph';
import { aPrinciple } from '@skillrl/testing';
import {
  createAgent,
  createMiddleware,
  fakeModel,
  modelRetryMiddleware,
  tool,
  toolRetryMiddleware,
  toolStrategy,
} from 'langchain';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { aSkillMemory, broken, search } from '../test-support/agents.ts';
import { Core } from './core.ts';
import { structuredField, toolReward } from './graders.ts';
import { memoryMiddleware } from './middleware.ts';
import { RunCallback } from './run-callback.ts';

const ask = { messages: [{ role: 'user', content: 'Where are the mugs?' }] };
const searching = [{ name: 'search', args: { query: 'mugs' }, id: 'c1' }];
const mugs = aPrinciple({ id: 'mugs', title: 'Mugs are on the shelf' });

async function withMugs(options?: Parameters<typeof aSkillMemory>[0]) {
  const all = aSkillMemory(options);
  await all.entries.commit({ namespace: 'default', reason: 'test', put: [mugs] });
  return all;
}

describe('the block', () => {
  it.each([
    ['without a system prompt is all of it, as a text', undefined, /^<skill-memory>/],
    [
      'after a system message of text is a part of that text',
      new SystemMessage('Be brief.'),
      /^Be brief\.\n\n<skill-memory>/,
    ],
  ])('%s', async (_, systemPrompt, expected) => {
    const { skills } = await withMugs();
    const model = fakeModel().respond(new AIMessage('ok'));
    await skills.attach(createAgent({ model, tools: [], systemPrompt, middleware: [skills.middleware()] })).invoke(ask);
    const [system, question] = model.calls[0]!.messages;
    expect(SystemMessage.isInstance(system)).toBe(true);
    expect(system?.content).toMatch(expected);
    expect(question?.text).toBe('Where are the mugs?');
  });

  it('is absent without an entry, and an empty system prompt stays empty', async () => {
    const { skills } = aSkillMemory();
    const model = fakeModel().respond(new AIMessage('ok'));
    await skills.attach(createAgent({ model, tools: [], middleware: [skills.middleware()] })).invoke(ask);
    expect(model.calls[0]!.messages.map((message) => message.text).filter((text) => text !== '')).toEqual([
      'Where are the mugs?',
    ]);
  });

  it('as a message stands before what was asked, in every call, and is not kept with the thread', async () => {
    const { skills, all } = await withMugs({ inject: 'message' });
    const model = fakeModel().respondWithTools(searching).respond(new AIMessage('ok')).respond(new AIMessage('bye'));
    const agent = skills.attach(
      createAgent({
        model,
        tools: [search],
        systemPrompt: 'Be brief.',
        checkpointer: new MemorySaver(),
        middleware: [skills.middleware()],
      }),
    );
    const config = { configurable: { thread_id: 't' } };
    await agent.invoke(ask, config);
    const { messages } = await agent.invoke(ask, config);
    const types = model.calls.map((call) => call.messages.map((message) => message.getType()));
    expect(types).toEqual([
      ['system', 'human', 'human'],
      ['system', 'human', 'human', 'ai', 'tool'],
      ['system', 'human', 'ai', 'tool', 'ai', 'human', 'human'],
    ]);
    for (const [call, position] of [
      [0, 1],
      [1, 1],
      [2, 5],
    ] as const) {
      expect(model.calls[call]!.messages[position]!.text).toMatch(/^<skill-memory>/);
      expect(model.calls[call]!.messages[0]!.text).toBe('Be brief.');
    }
    const asked = messages.filter((message) => HumanMessage.isInstance(message));
    expect(asked.map(({ text }) => text)).toEqual(['Where are the mugs?', 'Where are the mugs?']);
    const [first] = (await all()).toSorted((a, b) => b.calls.length - a.calls.length);
    expect(first?.calls[1]?.newMessages).toEqual([{ role: 'tool', content: 'found mugs' }]);
  });

  it('is recorded once, however many calls show it', async () => {
    const { skills, all } = await withMugs();
    const model = fakeModel().respondWithTools(searching).respondWithTools(searching).respond(new AIMessage('ok'));
    const middleware = [skills.middleware()];
    await skills.attach(createAgent({ model, tools: [search], systemPrompt: 'Be brief.', middleware })).invoke(ask);
    const [episode] = await all();
    expect(episode?.calls.map(({ newMessages }) => newMessages.map(({ role }) => role))).toEqual([
      ['system', 'user'],
      ['tool'],
      ['tool'],
    ]);
  });
});

describe('a recall that takes too long', () => {
  it('is given up, and noted', async () => {
    const never = () => ({ recall: () => new Promise<never>(() => {}) });
    const { skills, all, failures } = aSkillMemory({ timeoutMs: 20, recaller: never });
    const model = fakeModel().respond(new AIMessage('ok'));
    const began = performance.now();
    await skills.attach(createAgent({ model, tools: [], middleware: [skills.middleware()] })).invoke(ask);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(failures).toEqual([expect.stringContaining('longer than 20 ms')]);
    expect((await all())[0]?.calls[0]?.recall?.degraded).toMatch(/longer than 20 ms/);
  });

  it('must be given some time', () => {
    expect(() => aSkillMemory({ timeoutMs: 0 })).toThrow(expect.objectContaining({ code: 'TIMEOUT_INVALID' }));
  });
});

describe('a thread', () => {
  it('may change its tenant from run to run', async () => {
    const { skills, entries, episodes, all } = await withMugs();
    await entries.commit({ namespace: 'acme', reason: 'test', put: [{ ...mugs, namespace: 'acme', id: 'theirs' }] });
    const model = fakeModel().respond(new AIMessage('1')).respond(new AIMessage('2')).respond(new AIMessage('3'));
    const agent = skills.attach(
      createAgent({ model, tools: [], checkpointer: new MemorySaver(), middleware: [skills.middleware()] }),
    );
    const run = async (namespace?: string) => {
      const context = { skillMemory: { namespace } };
      return (await agent.invoke(ask, { configurable: { thread_id: 't' }, context })).retrievedSkillIds;
    };
    expect([await run(), await run('acme'), await run()]).toEqual([['mugs'], ['theirs'], ['mugs']]);
    expect(await all()).toHaveLength(3);
    expect(await Array.fromAsync(episodes.episodes({ tags: { namespace: 'acme' } }))).toHaveLength(1);
  });

  it('whose tenant cannot be told runs on, without the memory', async () => {
    const { skills, all, failures } = await withMugs({
      namespace: () => {
        throw new Error('no tenant');
      },
    });
    const model = fakeModel().respondWithTools(searching).respond(new AIMessage('ok'));
    const agent = skills.attach(createAgent({ model, tools: [search], middleware: [skills.middleware()] }));
    const result = await agent.invoke(ask);
    expect(result.messages.at(-1)?.text).toBe('ok');
    expect(result.retrievedSkillIds).toEqual([]);
    expect(JSON.stringify(model.calls[0]?.messages)).not.toContain('shelf');
    expect(await all()).toEqual([]);
    expect(failures).toEqual([expect.stringContaining('no tenant')]);
  });

  it('cut by another middleware keeps the run’s own messages', async () => {
    const graded: string[][] = [];
    const { skills, all } = await withMugs({
      grade: ({ messages }) => {
        graded.push(messages.map((message) => message.getType()));
        return true;
      },
    });
    const cut = createMiddleware({
      name: 'Cut',
      wrapModelCall: (request, handler) => handler({ ...request, messages: request.messages.slice(-2) }),
    });
    const model = fakeModel().respondWithTools(searching).respond(new AIMessage('ok'));
    const long = {
      messages: [new HumanMessage('hi'), new AIMessage('hello'), new HumanMessage('Where are the mugs?')],
    };
    await skills.attach(createAgent({ model, tools: [search], middleware: [cut, skills.middleware()] })).invoke(long);
    expect(graded).toEqual([['human', 'ai', 'tool', 'ai']]);
    expect((await all())[0]).toMatchObject({ end: 'terminated', outcome: { status: 'success' } });
  });
});

describe('what other parts of LangChain do', () => {
  it('retries of the model are one call, the one that answered', async () => {
    const { skills, all } = aSkillMemory();
    const model = fakeModel().respond(new Error('429')).respond(new AIMessage('ok'));
    const retry = modelRetryMiddleware({ maxRetries: 2, initialDelayMs: 1, jitter: false });
    await skills.attach(createAgent({ model, tools: [], middleware: [retry, skills.middleware()] })).invoke(ask);
    expect(await all()).toMatchObject([{ end: 'terminated', calls: [{ completion: 'ok' }] }]);
  });

  it('retries of a tool are actions each, with what came of them', async () => {
    const { skills, all } = aSkillMemory();
    const model = fakeModel()
      .respondWithTools([{ name: 'broken', args: {}, id: 'c1' }])
      .respond(new AIMessage('sorry'));
    const retry = toolRetryMiddleware({ maxRetries: 1, initialDelayMs: 1, jitter: false, onFailure: 'continue' });
    await skills.attach(createAgent({ model, tools: [broken], middleware: [retry, skills.middleware()] })).invoke(ask);
    const [episode] = await all();
    expect(episode?.steps.map(({ observation }) => observation)).toEqual([
      'Error: the tool broke',
      'Error: the tool broke',
      undefined,
    ]);
  });

  it('a tool that answers by a Command has answered', async () => {
    const { skills, all } = aSkillMemory();
    const commanding = tool(
      (_, config) => {
        const message = new ToolMessage({ content: 'done by command', tool_call_id: config.toolCall?.id ?? '' });
        return new Command({ update: { messages: [message] } });
      },
      { name: 'commanding', description: 'Commands.', schema: z.object({}) },
    );
    const model = fakeModel()
      .respondWithTools([{ name: 'commanding', args: {}, id: 'c1' }])
      .respond(new AIMessage('ok'));
    await skills.attach(createAgent({ model, tools: [commanding], middleware: [skills.middleware()] })).invoke(ask);
    expect((await all())[0]?.steps[0]).toMatchObject({ action: 'commanding {}', observation: 'done by command' });
  });

  it('a structured response is the final answer, and the model’s own word about it verifies nothing', async () => {
    const { skills, all } = aSkillMemory({ grade: structuredField('success') });
    const schema = z.object({ place: z.string(), success: z.boolean() });
    const model = fakeModel().respondWithTools([{ name: 'place', args: { place: 'shelf', success: true }, id: 'c1' }]);
    const responseFormat = toolStrategy({ ...z.toJSONSchema(schema), title: 'place' } as never);
    const agent = skills.attach(createAgent({ model, tools: [], responseFormat, middleware: [skills.middleware()] }));
    const result = (await agent.invoke(ask)) as { readonly structuredResponse?: unknown };
    expect(result.structuredResponse).toEqual({ place: 'shelf', success: true });
    const [episode] = await all();
    expect(episode?.steps.at(-1)?.action).toBe('{"place":"shelf","success":true}');
    expect(episode?.outcome).toMatchObject({ source: 'model', verified: false });
  });

  it('streamed events record the same episode, once', async () => {
    const { skills, all } = await withMugs();
    const model = fakeModel().respondWithTools(searching).respond(new AIMessage('ok'));
    const agent = skills.attach(createAgent({ model, tools: [search], middleware: [skills.middleware()] }));
    const names = new Set<string>();
    for await (const { event } of agent.streamEvents(ask, { version: 'v2' })) names.add(event);
    expect(names).toContain('on_tool_end');
    expect(await all()).toMatchObject([
      { end: 'terminated', steps: [{ observation: 'found mugs' }, { action: 'ok' }] },
    ]);
  });
});

it('whose word counts does not depend on the order: a model is not asked when the environment has said it', async () => {
  const asked: string[] = [];
  const model = Object.assign(() => (asked.push('model'), false), { source: 'model' as const });
  const { skills, all } = aSkillMemory({
    grade: [model, () => undefined, toolReward('search', { isEnvironment: true })],
  });
  const said = tool(() => '{"reward": 1}', {
    name: 'search',
    description: 'Searches.',
    schema: z.object({ query: z.string() }),
  });
  const agent = skills.attach(
    createAgent({
      model: fakeModel().respondWithTools(searching).respond(new AIMessage('ok')),
      tools: [said],
      middleware: [skills.middleware()],
    }),
  );
  await agent.invoke(ask);
  expect(asked).toEqual([]);
  expect((await all())[0]?.outcome).toMatchObject({ status: 'success', source: 'environment', verified: true });
});

it('a hundred runs at once do not mix', async () => {
  const { skills, all, failures } = await withMugs();
  const slow = tool(
    async ({ query }) => {
      await new Promise((resolve) => setTimeout(resolve, (query.length * 7) % 5));
      return `found ${query}`;
    },
    { name: 'search', description: 'Searches.', schema: z.object({ query: z.string() }) },
  );
  let model = fakeModel();
  const reply = (messages: readonly { readonly text: string; getType(): string }[]) => {
    const asked = messages.findLast((message) => message.getType() === 'human')!.text;
    return messages.at(-1)?.getType() === 'tool'
      ? new AIMessage(`answer to ${asked}`)
      : new AIMessage({ content: '', tool_calls: [{ name: 'search', args: { query: asked }, id: `call ${asked}` }] });
  };
  for (let call = 0; call < 200; call += 1) model = model.respond(reply as never);
  const agent = skills.attach(createAgent({ model, tools: [slow], middleware: [skills.middleware()] }));
  const tasks = Array.from({ length: 100 }, (_, at) => `mugs ${at}`);
  await Promise.all(tasks.map((content) => agent.invoke({ messages: [{ role: 'user', content }] })));
  const episodes = await all();
  expect(failures).toEqual([]);
  expect(episodes).toHaveLength(100);
  for (const { task, end, steps, calls } of episodes) {
    expect(end).toBe('terminated');
    expect(calls).toHaveLength(2);
    expect(steps.map(({ action, observation }) => [action, observation])).toEqual([
      [`search {"query":"${task.instruction}"}`, `found ${task.instruction}`],
      [`answer to ${task.instruction}`, undefined],
    ]);
  }
}, 60_000);

it('remembers nothing of runs that are over, however they ended', async () => {
  const { memory } = aSkillMemory();
  const core = new Core(memory, { learn: 'off', onError: () => {} });
  const callbacks = [new RunCallback(core)];
  let model = fakeModel();
  const runs = Number(process.env['SKILLRL_LONG'] === undefined ? 300 : 10_000);
  for (let run = 0; run < runs; run += 1) {
    if (run % 3 === 2) model = model.respond(new Error('no'));
    else model = model.respondWithTools([{ name: run % 3 === 0 ? 'search' : 'broken', args: { query: 'x' }, id: 'c' }]);
    if (run % 3 === 0) model = model.respond(new AIMessage('ok'));
  }
  const agent = createAgent({ model, tools: [search, broken], middleware: [memoryMiddleware(core)] });
  const config = { callbacks };
  for (let run = 0; run < runs; run += 1) await agent.invoke(ask, config).catch(() => {});
  for (let run = 0; run < 20; run += 1) {
    const left = createAgent({
      model: fakeModel().respondWithTools(searching).respond(new AIMessage('ok')),
      tools: [search],
      middleware: [memoryMiddleware(core)],
    });
    for await (const _ of await left.stream(ask, { ...config, streamMode: 'updates' })) break;
  }
  await expect.poll(() => core.episodes.sizes).toEqual({ episodes: 0, runs: 0, paused: 0, parents: 0 });
}, 300_000);
