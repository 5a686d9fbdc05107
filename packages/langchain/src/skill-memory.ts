import type { EmbeddingsInterface } from '@langchain/core/embeddings';
import type { Runnable, RunnableConfig } from '@langchain/core/runnables';
import { newId, type Outcome, type RecallNote } from '@skillrl/core';
import type { Memory } from '@skillrl/memory';

import { Core, type SkillMemoryContext, type SkillMemoryOptions, type TaskOption } from './core.ts';
import { outcomeOf, type Verdict } from './graders.ts';
import { memoryMiddleware } from './middleware.ts';
import { nodeRunId } from './node-run-id.ts';
import { drawSeed } from './open-episodes.ts';
import { recallSkills } from './recall-skills.ts';
import { SkillRetriever } from './retriever.ts';
import { RunCallback } from './run-callback.ts';
import { SkillStore } from './store/skill-store.ts';
import { memoryTools } from './tools.ts';
import { EpisodeTracer, type TracerOptions } from './tracer.ts';
import { SkillVectorStore, type VectorStoreOptions } from './vector-store/skill-vector-store.ts';
import { runnableWithSkills, type WithSkillsOptions } from './with-skills.ts';

/** The part of an agent that takes callbacks: of `createAgent`, of `createDeepAgent`, and every Runnable. */
export interface Attachable<Attached> {
  withConfig(config: { callbacks: RunCallback[] }): Attached;
}

/** The part of an agent that runs. */
export interface Invokable<Result> {
  // Agents type their input by their own state: it is given on as it is.
  invoke(input: any, config?: any): Promise<Result>;
}

export interface SkillMemory {
  readonly memory: Memory;
  /** For `createAgent({ middleware: [..., skills.middleware()] })`, last, so that the rest of the prompt stays as it is for prompt caches. */
  middleware(): ReturnType<typeof memoryMiddleware>;
  /** The agent, heard to its end: without it, runs that throw or are cut off are not closed. */
  attach<Attached>(agent: Attachable<Attached>): Attached;
  /** The handler of `attach`, for those who give callbacks themselves. */
  callback(): RunCallback;
  /**
   * Runs an agent, or a chain or graph with a tracer, once as an episode of its own, with a task and a judge: for benchmarks.
   *
   * @returns what the agent gave, and the episode's id. @throws what the agent throws; the episode is then closed as errored.
   */
  run<Result>(
    agent: Invokable<Result>,
    input: unknown,
    options?: SkillMemoryContext & {
      readonly grade?: (result: Result) => Verdict | Promise<Verdict>;
      readonly config?: object;
    },
  ): Promise<{ readonly result: Result; readonly episodeId: string; readonly outcome?: Outcome }>;
  /** Entries of the bank as documents. */
  asRetriever(options?: { readonly k?: number; readonly namespace?: string }): SkillRetriever;
  /**
   * What the memory has about a task, as a text for a prompt; empty when it has nothing or cannot be read. For the node of a raw graph, where
   * a tracer then writes on the episode what was shown.
   */
  recall(
    task: TaskOption,
    options?: { readonly namespace?: string; readonly config?: RunnableConfig },
  ): Promise<string>;
  /** A runnable whose input carries what the memory has about it. */
  withSkills<Input extends Record<string, unknown>, Output>(
    runnable: Runnable<Input & Record<string, unknown>, Output>,
    options: WithSkillsOptions<Input>,
  ): Runnable<Input, Output>;
  /** For chains and raw graphs: give it as a callback, and every root run is an episode. */
  tracer(options?: TracerOptions): EpisodeTracer;
  /** LangGraph's store over this memory's persistence: what an app keeps, apart from what is recalled. @param namespace - the tenant. */
  asStore(options?: { readonly namespace?: string }): SkillStore;
  /** A vector store over this memory's persistence. Without embeddings its documents are found by the memory's own retrieval. */
  asVectorStore(
    embeddings?: EmbeddingsInterface,
    options?: VectorStoreOptions & { readonly namespace?: string },
  ): SkillVectorStore;
  /** `search_skills`, `read_skill`, `report_outcome`. */
  tools(options?: { readonly namespace?: string }): ReturnType<typeof memoryTools>;
  /** Says later how an episode came out, and learns from it as from a run that ends. Saying the same again changes nothing. @param source - whose word it is. Default `user`. */
  feedback(
    episodeId: string,
    verdict: boolean | number | Outcome,
    options?: { readonly source?: 'user' | 'grader' | 'model' | 'tool'; readonly namespace?: string },
  ): Promise<void>;
  /** The run of an agent with this middleware that this is called in: for parts that show entries by other means. `undefined` outside of one. */
  running(): RunUnderway | undefined;
  /** Waits until what goes on in the background, writing and learning, is done. */
  flush(): Promise<void>;
}

/** An agent's run, from within it. */
export interface RunUnderway {
  readonly episodeId: string;
  /** The tenant. */
  readonly namespace: string;
  /** Draws of what is withheld: those of the middleware. */
  readonly seed: number;
  /** Writes with the next model call what it is shown besides. */
  shows(note: RecallNote): void;
}

/**
 * A memory for LangChain agents.
 *
 * @param memory - as `openSkillMemory` or `createMemory` gives it. It stays yours to close.
 * @throws {InputError} `BUDGET_INVALID`.
 * @example
 * const skills = skillMemory(await openSkillMemory('./memory'));
 * const agent = skills.attach(createAgent({ model, tools, middleware: [skills.middleware()] }));
 */
export function skillMemory(memory: Memory, options: SkillMemoryOptions = {}): SkillMemory {
  const core = new Core(memory, options);
  const callback = new RunCallback(core);
  return {
    memory,
    middleware: () => memoryMiddleware(core),
    attach: (agent) => agent.withConfig({ callbacks: [callback] }),
    callback: () => callback,
    run: async (agent, input, { grade, config, ...context } = {}) => {
      const episodeId = context.episodeId ?? newId('episode');
      const skillMemory = { ...context, episodeId };
      const { context: own, metadata } = (config ?? {}) as { readonly context?: object; readonly metadata?: object };
      // Agents read their context, the tracer of chains and graphs the metadata.
      const saying = { context: { ...own, skillMemory }, metadata: { ...metadata, skillMemory } };
      const result = await agent.invoke(input, { ...config, ...saying });
      const verdict = await grade?.(result);
      const outcome = verdict === undefined ? undefined : outcomeOf(verdict, 'grader', true);
      if (outcome !== undefined) await core.memoryFor(own ?? {}, context.namespace).outcome(episodeId, outcome);
      return { result, episodeId, ...(outcome !== undefined && { outcome }) };
    },
    asRetriever: ({ k, namespace = memory.namespace } = {}) =>
      new SkillRetriever({ memory: core.memoryOf(namespace), k }),
    recall: (task, { namespace, config } = {}) => recallSkills(core, namespace).invoke(task, config),
    withSkills: (runnable, withOptions) => runnableWithSkills(core, runnable, withOptions),
    tracer: (tracing) => new EpisodeTracer(core, tracing),
    asStore: ({ namespace = memory.namespace } = {}) => new SkillStore(core.memoryOf(namespace)),
    asVectorStore: (embeddings, { namespace = memory.namespace, ...options } = {}) =>
      new SkillVectorStore(core.memoryOf(namespace), embeddings, options),
    tools: ({ namespace } = {}) => memoryTools(core, namespace),
    feedback: async (episodeId, verdict, { source = 'user', namespace = memory.namespace } = {}) => {
      const isTheirWord = source === 'user' || source === 'grader';
      const tenant = core.memoryOf(namespace);
      await tenant.outcome(episodeId, outcomeOf(verdict, source, isTheirWord));
      core.learnSoon(tenant);
    },
    running: () => {
      const episode = core.episodes.ofNode(nodeRunId());
      if (episode === undefined) return undefined;
      const shows = (note: RecallNote): void => core.episodes.recalledToo(episode, note);
      return { episodeId: episode.id, namespace: episode.memory.namespace, seed: drawSeed(episode.id), shows };
    },
    flush: () => core.flush(),
  };
}
