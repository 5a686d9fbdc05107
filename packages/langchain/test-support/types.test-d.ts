// Compiled by `pnpm types`, never run: what a user's program may say, and what it may not.
import type { BaseStore } from '@langchain/langgraph';
import type { BaseRetrieverInterface } from '@langchain/core/retrievers';
import type { VectorStore } from '@langchain/core/vectorstores';
import { createDeepAgent } from 'deepagents';
import { createAgent, fakeModel, type createMiddleware } from 'langchain';
import type { Memory } from '@skillrl/memory';
import { expectTypeOf } from 'vitest';

import { documentRecaller, skillMemory, structuredField, toolReward, type Grader } from '../src/index.ts';

declare const memory: Memory;
declare const model: ReturnType<typeof fakeModel>;
declare const tools: [];

// The lines of the README, but for how the memory is opened.
const skills = skillMemory(memory);
const agent = skills.attach(createAgent({ model, tools, middleware: [skills.middleware()] }));

expectTypeOf(skills.middleware()).toExtend<ReturnType<typeof createMiddleware>>();

// State: the ids of what was shown, in the result, and nothing private.
const result = await agent.invoke({ messages: [{ role: 'user', content: 'Where are the mugs?' }] });
expectTypeOf(result.retrievedSkillIds).toEqualTypeOf<string[] | undefined>();
// @ts-expect-error private state is no part of the result
void result._skillMemory;

// Context: what a run may say to the memory.
const input = { messages: [{ role: 'user' as const, content: 'x' }] };
await agent.invoke(input, {
  context: {
    skillMemory: { namespace: 'acme', task: 'find', episodeId: 'e', purpose: 'test', tags: { a: 'b' }, enabled: false },
  },
});
await agent.invoke(input, { context: {} });
// @ts-expect-error a tenant is a text
await agent.invoke(input, { context: { skillMemory: { namespace: 1 } } });
// @ts-expect-error there is no such purpose
await agent.invoke(input, { context: { skillMemory: { purpose: 'practice' } } });
// @ts-expect-error a task has an instruction
await agent.invoke(input, { context: { skillMemory: { task: { id: 't' } } } });

// Options.
skillMemory(memory, {
  refresh: 'step',
  inject: 'message',
  learn: 'off',
  grade: [structuredField('ok'), toolReward('submit')],
});
// @ts-expect-error not a place to inject
skillMemory(memory, { inject: 'assistant' });
// @ts-expect-error not a way to learn
skillMemory(memory, { learn: 'inline' });
expectTypeOf<(run: { readonly episodeId: string }) => boolean>().toExtend<Grader>();

// An agent stays what it is.
expectTypeOf(agent).toEqualTypeOf(createAgent({ model, tools, middleware: [skills.middleware()] }));

// Nor does a deep agent lose its input and its result.
const deep = skills.attach(createDeepAgent({ model, middleware: [skills.middleware()] }));
expectTypeOf((await deep.invoke(input)).retrievedSkillIds).toEqualTypeOf<string[] | undefined>();

// Runs for a benchmark are typed by the agent.
const ran = await skills.run(agent, input, { grade: ({ messages }) => messages.length > 0 });
expectTypeOf(ran.result.retrievedSkillIds).toEqualTypeOf<string[] | undefined>();
expectTypeOf(ran.episodeId).toBeString();

// What other parts of LangChain take.
expectTypeOf(skills.asStore()).toExtend<BaseStore>();
expectTypeOf(skills.asVectorStore()).toExtend<VectorStore>();
expectTypeOf(skills.asRetriever()).toExtend<BaseRetrieverInterface>();
createAgent({ model, tools: [...skills.tools()], store: skills.asStore() });
skillMemory(memory, { recaller: () => documentRecaller(skills.asVectorStore()) });
const asked = skills.withSkills({} as never, { query: ({ question }: { question: string }) => question });
expectTypeOf(asked.invoke).parameter(0).toEqualTypeOf<{ question: string }>();

// Feedback: whose word.
await skills.feedback('e', true, { source: 'user' });
// @ts-expect-error an environment does not give feedback
await skills.feedback('e', true, { source: 'environment' });
