import { HumanMessage, type BaseMessage } from '@langchain/core/messages';
import { getConfig } from '@langchain/langgraph';
import { newId, type Advice, type RecallNote } from '@skillrl/core';
import type { Memory } from '@skillrl/memory';
import { createMiddleware } from 'langchain';
import { z } from 'zod';
import * as mini from 'zod/mini';

import { isObject, isPause, repliesOf, textOf, toolAnswerOf } from './messages.ts';
import { drawSeed, type EpisodeState, type OpenEpisode } from './open-episodes.ts';
import { runContext } from './run-context.ts';
import { nodeRunId } from './node-run-id.ts';
import { startOf, type Core, type RunContext } from './core.ts';
import { beforeMessage, inSystemMessage, type Prompt } from './prompt-block.ts';
import { within } from './within.ts';

/** What the memory needs to go on after a pause, in another process perhaps. */
interface Private extends EpisodeState {
  readonly block: string;
}

// LangChain makes a partial copy of this schema for every model call: one of zod/mini is copied without being compiled.
const agentState = mini.object({
  /** Kept with the thread and not part of the result. */
  _skillMemory: z.custom<Private>(isObject).nullish(),
  /** Ids of the entries that the run was shown. */
  retrievedSkillIds: z.array(z.string()).optional(),
});

interface BeginState {
  readonly messages: readonly BaseMessage[];
  readonly _skillMemory?: Private | null;
}

interface BeginRuntime {
  readonly context: unknown;
  readonly signal?: AbortSignal;
  readonly writer?: unknown;
}

/**
 * The middleware: recalls before the agent begins, shows what was recalled at the end of the system message, and records calls, actions and
 * answers. An ending that middleware never sees is closed by the callback: see `attach`.
 */
export function memoryMiddleware(core: Core) {
  const { episodes, options } = core;

  async function recall(
    episode: OpenEpisode,
    observation: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Advice> {
    const { memory, task, id } = episode;
    try {
      const request = { task, observation, signal, seed: drawSeed(id), budgetTokens: options.budgetTokens };
      const recalling = core.recallerOf(memory).recall(request);
      const advice = await within(options.timeoutMs ?? 2_000, 'the recall', recalling);
      episodes.recalled(episode, advice.recall);
      return advice;
    } catch (error) {
      core.onError('read the memory', error);
      const reason = `recall failed: ${error instanceof Error ? error.message : String(error)}`;
      const note: RecallNote = { bankRevision: 0, shown: [], withheld: [], tokens: 0, degraded: reason };
      episodes.recalled(episode, note);
      return { entries: [], text: '', recall: note };
    }
  }

  function tenantOf(own: unknown, namespace: string | undefined): Memory | undefined {
    try {
      // A hook's context holds the keys of its own schema only.
      return core.memoryFor(getConfig()?.context ?? own, namespace);
    } catch (error) {
      core.onError('tell whose memory a run uses', error);
      return undefined;
    }
  }

  /** The episode of a hook's state, tied to the run it is called in. */
  function episodeOf(state: Private | null | undefined): OpenEpisode | undefined {
    if (state === undefined || state === null) return undefined;
    const episode = episodes.open(core.memoryOf(state.namespace), state);
    episodes.belongs(nodeRunId(), episode.id);
    return episode;
  }

  return createMiddleware({
    name: 'SkillMemory',
    stateSchema: agentState,
    contextSchema: runContext,
    beforeAgent: async (state, runtime) => {
      try {
        return await begin(state, runtime);
      } catch (error) {
        // The run is then neither shown anything nor recorded.
        core.onError('begin an episode', error);
        return { _skillMemory: null, retrievedSkillIds: [] };
      }
    },
    wrapModelCall: async (request, handler) => {
      const state = request.state._skillMemory;
      const episode = episodeOf(state);
      if (!state || episode === undefined) return handler(request);
      const block = options.refresh === 'step' ? await refreshed(request, episode, state) : state.block;
      const { systemMessage, messages } = block === '' ? request : shown(request, block, episode);
      const reply = await handler({ ...request, systemMessage, messages });
      const prompt = [...(systemMessage.text === '' ? [] : [systemMessage]), ...messages];
      for (const message of repliesOf(reply)) episodes.call(episode, prompt, message, nameOf(request.model));
      return reply;
    },
    wrapToolCall: async (request, handler) => {
      const episode = episodeOf(request.state._skillMemory);
      if (episode === undefined) return handler(request);
      const actionId = episodes.act(episode, request.toolCall);
      const trust = core.trustOf(request.toolCall.name);
      try {
        const result = await handler(request);
        episodes.answer(episode, actionId, toolAnswerOf(result), trust);
        return result;
      } catch (error) {
        // A pause to ask somebody is not an answer: the tool runs again when the run goes on.
        const said = { text: `Error: ${messageOf(error)}`, isError: true };
        if (!isPause(error)) episodes.answer(episode, actionId, said, trust);
        throw error;
      }
    },
    afterAgent: async (state) => {
      const episode = episodeOf(state._skillMemory);
      if (episode === undefined) return;
      const { structuredResponse } = state as { readonly structuredResponse?: unknown };
      await core.finish(episode, 'terminated', { messages: state.messages, structuredResponse });
    },
  });

  async function begin(state: BeginState, runtime: BeginRuntime) {
    closeAbandoned(core, state._skillMemory);
    const context = (runtime.context as RunContext | undefined)?.skillMemory ?? {};
    const asked = state.messages.findLastIndex((message) => HumanMessage.isInstance(message));
    const question = state.messages[asked];
    const task = core.taskOf(context.task ?? (question === undefined ? '' : textOf(question)));
    const memory = tenantOf(runtime.context, context.namespace);
    // Without a tenant nothing is read or written, and nothing of the thread's last run is taken up.
    if (memory === undefined) return { _skillMemory: null, retrievedSkillIds: [] };
    const own: EpisodeState = {
      episodeId: context.episodeId ?? newId('episode'),
      namespace: memory.namespace,
      task,
      start: Math.max(0, asked),
      ...(question?.id !== undefined && { askedId: question.id }),
    };
    const episode = episodes.begin(memory, own);
    core.noteAttached(episodes.belongs(nodeRunId(), episode.id));
    const advice = context.enabled === false ? undefined : await recall(episode, undefined, runtime.signal);
    const opening = {
      episodeId: episode.id,
      task,
      purpose: context.purpose ?? 'train',
      policy: options.policy,
      tags: { ...context.tags, ...(context.enabled === false && { memory: 'off' }) },
      bankRevision: advice?.recall.bankRevision,
    } as const;
    episodes.write(episode, 'begin an episode', () => memory.recorder.start(opening));
    tell(runtime, episode, advice);
    const retrievedSkillIds = advice?.entries.map(({ id }) => id) ?? [];
    return { _skillMemory: { ...own, block: advice?.text ?? '' }, retrievedSkillIds };
  }

  function shown(prompt: Prompt, block: string, episode: OpenEpisode): Prompt {
    return options.inject === 'message'
      ? beforeMessage(prompt, block, startOf(prompt.messages, episode))
      : inSystemMessage(prompt, block);
  }

  /** Recalls again with what was seen last; the first call of a run shows what was recalled at its beginning. */
  async function refreshed(
    request: { readonly messages: readonly BaseMessage[]; readonly runtime: { readonly signal?: AbortSignal } },
    episode: OpenEpisode,
    { block }: Private,
  ): Promise<string> {
    const since = request.messages.slice(startOf(request.messages, episode) + 1);
    if (since.length === 0) return block;
    const observation = since.findLast((message) => message.getType() === 'tool')?.text;
    return (await recall(episode, observation, request.runtime.signal)).text;
  }
}

/** A thread whose last run never ended begins anew: the episode of that run is closed as interrupted. */
function closeAbandoned(core: Core, state: Private | null | undefined): void {
  const before = state ? core.episodes.get(state.episodeId) : undefined;
  if (before !== undefined) void core.episodes.close(before, 'interrupted');
}

function tell(runtime: { readonly writer?: unknown }, { id }: OpenEpisode, advice: Advice | undefined): void {
  if (typeof runtime.writer !== 'function') return;
  runtime.writer({
    type: 'skill_memory.injected',
    episodeId: id,
    entryIds: advice?.entries.map((entry) => entry.id) ?? [],
    tokens: advice?.recall.tokens ?? 0,
    ...(advice?.recall.degraded !== undefined && { degraded: advice.recall.degraded }),
  });
}

function nameOf(model: unknown): string {
  if (!isObject(model)) return 'model';
  const name = model['model'] ?? model['modelName'] ?? (model['getName'] as (() => string) | undefined)?.call(model);
  return typeof name === 'string' && name !== '' ? name : 'model';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
