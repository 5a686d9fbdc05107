import { AIMessage } from '@langchain/core/messages';
import { GraphCallbackHandler } from '@langchain/langgraph';
import { createAgent, createMiddleware, fakeModel } from 'langchain';

import { z } from 'zod';

import type { SkillMemory } from '../src/skill-memory.ts';
import { search } from './agents.ts';

/** `typed`: bare hooks that declare the state and the context which the memory declares, and set the state. */
export type MeasuredHooks = 'none' | 'bare' | 'typed' | SkillMemory;

/** An agent whose runs make three model calls and two tool calls, with a fake model that answers so many runs. */
export interface MeasuredAgent {
  run(instruction: string): Promise<unknown>;
}

export function measuredAgent(runs: number, hooks: MeasuredHooks): MeasuredAgent {
  let model = fakeModel();
  for (let run = 0; run < runs; run += 1) {
    for (const call of [1, 2]) {
      model = model.respondWithTools([{ name: 'search', args: { query: `mugs ${call}` }, id: `c${run}-${call}` }]);
    }
    model = model.respond(new AIMessage('They are on the shelf above the sink.'));
  }
  const systemPrompt = 'You keep house. Be brief.';
  if (hooks === 'none') return runOf(createAgent({ model, tools: [search], systemPrompt }));
  if (hooks === 'bare' || hooks === 'typed') {
    const middleware = [hooks === 'bare' ? nothing() : nothingTyped()];
    const agent = createAgent({ model, tools: [search], systemPrompt, middleware });
    return runOf(agent.withConfig({ callbacks: [new BareCallback()] }));
  }
  return runOf(hooks.attach(createAgent({ model, tools: [search], systemPrompt, middleware: [hooks.middleware()] })));
}

interface Runs {
  invoke(input: { messages: { role: 'user'; content: string }[] }): Promise<unknown>;
}

function runOf(agent: Runs): MeasuredAgent {
  return { run: (content) => agent.invoke({ messages: [{ role: 'user', content }] }) };
}

/** The same hooks as the memory's, which do nothing. */
function nothing() {
  return createMiddleware({
    name: 'Nothing',
    beforeAgent: async () => undefined,
    wrapModelCall: async (request, handler) => handler(request),
    wrapToolCall: async (request, handler) => handler(request),
    afterAgent: async () => undefined,
  });
}

function nothingTyped() {
  const kept = z.object({ id: z.string(), block: z.string() });
  return createMiddleware({
    name: 'NothingTyped',
    stateSchema: z.object({ _kept: kept.nullish(), shownIds: z.array(z.string()).optional() }),
    contextSchema: z.object({ kept: z.object({ task: z.string().optional() }).optional() }),
    beforeAgent: async () => ({ _kept: { id: 'e', block: 'x'.repeat(1_000) }, shownIds: ['a', 'b'] }),
    wrapModelCall: async (request, handler) => handler(request),
    wrapToolCall: async (request, handler) => handler(request),
    afterAgent: async () => undefined,
  });
}

class BareCallback extends GraphCallbackHandler {
  override name = 'bare';
  override awaitHandlers = true;
  override handleInterrupt(): void {}
  override handleChainStart(): void {}
  override async handleChainEnd(): Promise<void> {}
  override async handleChainError(): Promise<void> {}
}
