import { AIMessage, type BaseMessage } from '@langchain/core/messages';
import { getEnvironmentVariable } from '@langchain/core/utils/env';
import {
  contentHash,
  InputError,
  type EpisodeEnd,
  type Outcome,
  type RecallNote,
  type Task,
  type Trust,
} from '@skillrl/core';
import type { Memory, Recaller } from '@skillrl/memory';

import { jsonOf } from './messages.ts';
import { gradeRun, type FinishedRun, type Grader } from './graders.ts';
import { refuseReserved } from './reserved-namespaces.ts';
import { OpenEpisodes, type Ending, type OpenEpisode } from './open-episodes.ts';
import type { OnError } from './write-behind.ts';

export type TaskOption = string | (Partial<Task> & { readonly instruction: string });

/**
 * What one invocation may say to the memory: `agent.invoke(input, { context: { skillMemory: … } })`; chains and graphs, which have no context,
 * say it in `metadata: { skillMemory: … }`.
 */
export interface SkillMemoryContext {
  /** Default: the text of the last human message. */
  readonly task?: TaskOption;
  /** The tenant. Default: what the option `namespace` says, else the memory's own. */
  readonly namespace?: string;
  /** Default: a new id. */
  readonly episodeId?: string;
  /** Entries are learned from `train` episodes only. Default `train`. */
  readonly purpose?: 'train' | 'admit' | 'gate' | 'test';
  readonly tags?: Readonly<Record<string, string>>;
  /** `false` records the run and shows it nothing: the arm to compare with. */
  readonly enabled?: boolean;
}

export interface RunContext {
  readonly skillMemory?: SkillMemoryContext;
}

export interface SkillMemoryOptions {
  /**
   * The tenant of a run, from its whole context. A run for which this names none goes on without memory: nobody is guessed. Default: the
   * memory's own namespace for all.
   */
  // Apps type their context by their own schema.
  readonly namespace?: (runtime: { readonly context: any }) => string | undefined;
  /** `run`: recalled once, so that prompt caches hold; `step`: again before every model call, with what was seen last. Default `run`. */
  readonly refresh?: 'run' | 'step';
  /** Where the block stands: last in the `system` message, or in a `message` of its own before what was asked, for models that read those better. Default `system`. */
  readonly inject?: 'system' | 'message';
  /** Tokens the block may take. Default: the memory's. */
  readonly budgetTokens?: number;
  /** Milliseconds a recall may take in all; after that the run goes on without. The embedder has a limit of its own. Default 2,000. */
  readonly timeoutMs?: number;
  /** What is recalled from in place of the bank, such as a `documentRecaller`. Default: the bank of the run's tenant. */
  readonly recaller?: (memory: Memory) => Pick<Recaller, 'recall'>;
  /** Judge finished runs; the first that can tell counts, the strongest word first: environment, your program, user, tool, model. Default: none, so that outcomes are unknown until `feedback`. */
  readonly grade?: Grader | readonly Grader[];
  /**
   * Names of tools whose answers are your own program's word, and not a web page's or another user's. What an entry holds of any other tool's
   * answer waits in quarantine and is shown to nobody. Default: none.
   */
  readonly trustedTools?: readonly string[];
  /** `background`: finished runs are learned from when they end, one learning at a time; `off`: you call `memory.learn()`. Default `background`. */
  readonly learn?: 'background' | 'off';
  /** Names who acts, where several agents share a memory. Default `langchain`. */
  readonly policy?: { readonly name: string; readonly version: string };
  /** Told of every failure of the memory; none of them fails a run. Default: `console.warn`, once for each kind. */
  readonly onError?: OnError;
}

/** What the parts share: the memory, the options, the episodes at work. */
export class Core {
  readonly memory: Memory;
  readonly options: SkillMemoryOptions & { readonly policy: { readonly name: string; readonly version: string } };
  readonly onError: OnError;
  readonly episodes: OpenEpisodes;
  /** What was recalled in runs that a tracer has not written yet, by the id of the run. */
  readonly notes = new RecallNotes();
  readonly #graders: readonly Grader[];
  readonly #learning = new Map<string, Promise<void>>();
  readonly #learnAgain = new Set<string>();
  #isAttachedSaid = false;

  constructor(memory: Memory, options: SkillMemoryOptions) {
    if (options.budgetTokens !== undefined && !(options.budgetTokens >= 1)) {
      throw new InputError({
        code: 'BUDGET_INVALID',
        message: `The budget of the recalled block must be at least one token, not ${options.budgetTokens}.`,
      });
    }
    if (options.timeoutMs !== undefined && !(options.timeoutMs >= 1)) {
      throw new InputError({
        code: 'TIMEOUT_INVALID',
        message: `A recall must be given at least one millisecond, not ${options.timeoutMs}.`,
      });
    }
    this.memory = memory;
    this.options = { ...options, policy: options.policy ?? { name: 'langchain', version: '1' } };
    this.onError = options.onError ?? warnOnce();
    this.episodes = new OpenEpisodes(this.onError);
    this.#graders = typeof options.grade === 'function' ? [options.grade] : (options.grade ?? []);
  }

  /** @throws {InputError} `NAMESPACE_RESERVED` */
  memoryOf(namespace: string): Memory {
    refuseReserved(namespace);
    return this.memory.inNamespace(namespace);
  }

  /**
   * The memory of a run's tenant: the one named, else the one that the option `namespace` finds in the run's context, else the memory's own.
   *
   * @throws {InputError} `NAMESPACE_MISSING` when the option finds none; what the option throws.
   */
  memoryFor(context: unknown, namespace: string | undefined): Memory {
    const { options, memory } = this;
    const name = namespace ?? (options.namespace === undefined ? memory.namespace : options.namespace({ context }));
    if (typeof name === 'string' && name !== '') return this.memoryOf(name);
    throw new InputError({
      code: 'NAMESPACE_MISSING',
      message: 'The option `namespace` named no tenant for this run, which goes on without memory.',
      hint: 'Give what it reads in the context of the call, or name the tenant: { skillMemory: { namespace } } in its context or metadata.',
    });
  }

  /** Whose word a tool's answer is. */
  trustOf(tool: string): Trust {
    return this.options.trustedTools?.includes(tool) === true ? 'environment' : 'tool';
  }

  taskOf(task: TaskOption): Task {
    const given = typeof task === 'string' ? { instruction: task } : task;
    const id = given.id ?? `task_${contentHash(given.instruction).slice(0, 24)}`;
    return { ...given, id, environment: given.environment ?? 'user', domainKind: given.domainKind ?? 'convergent' };
  }

  recallerOf(memory: Memory): Pick<Recaller, 'recall'> {
    return this.options.recaller?.(memory) ?? memory.recaller;
  }

  /**
   * Closes an episode once: its final answer, its end, its outcome. Then learns, if it should. Never throws.
   *
   * The run does not wait for the disk or a judge, unless LangChain is told to wait for callbacks (`LANGCHAIN_CALLBACKS_BACKGROUND=false`), as
   * where a program is frozen once it has answered. `flush`, and whatever reads the memory, waits.
   */
  finish(
    episode: OpenEpisode,
    end: EpisodeEnd,
    { messages = [], structuredResponse, fallback }: FinishedState & { readonly fallback?: Outcome } = {},
  ): Promise<void> {
    try {
      const own = messages.slice(startOf(messages, episode));
      const finished = { episodeId: episode.id, task: episode.task, messages: own, structuredResponse };
      return this.close(episode, end, {
        ...(end === 'terminated' && { finalAnswer: answerOf(own, structuredResponse) }),
        // A run that threw has failed for a reason of its own: no grader is asked.
        outcome: async () => (end === 'errored' ? undefined : await this.grade(finished)) ?? fallback,
      });
    } catch (error) {
      this.onError('close an episode', error);
      return Promise.resolve();
    }
  }

  /** The same, of a run that says itself what it answered and how it came out. */
  close(episode: OpenEpisode, end: EpisodeEnd, ending: Ending): Promise<void> {
    // Whoever hears of the end later has nothing to add.
    if (episode.closing !== undefined) return this.#waitedFor(episode.closing);
    const removeWriter = episode.memory.addWriter(() => this.episodes.flush());
    const closing = this.episodes
      .close(episode, end, ending)
      .then(() => this.learnSoon(episode.memory))
      .catch((error: unknown) => this.onError('close an episode', error))
      .finally(removeWriter);
    return this.#waitedFor(closing);
  }

  async #waitedFor(closing: Promise<void>): Promise<void> {
    if (getEnvironmentVariable('LANGCHAIN_CALLBACKS_BACKGROUND') === 'false') await this.episodes.hurry(closing);
  }

  /** The outcome by the graders; `undefined` when none of them can tell. */
  grade(run: FinishedRun): Promise<Outcome | undefined> {
    return gradeRun(this.#graders, run);
  }

  noteAttached(isAttached: boolean): void {
    if (isAttached || this.#isAttachedSaid) return;
    this.#isAttachedSaid = true;
    this.onError(
      'see how a run ends',
      new Error('the agent was not given to attach(): runs that throw or are cut off are not closed'),
    );
  }

  /** One learning at a time for each tenant; what ended meanwhile is learned from in one more. */
  learnSoon(memory: Memory): void {
    if (this.options.learn === 'off') return;
    const { namespace } = memory;
    if (this.#learning.has(namespace)) {
      this.#learnAgain.add(namespace);
      return;
    }
    const run = async (): Promise<void> => {
      do {
        this.#learnAgain.delete(namespace);
        await memory.learn().catch((error: unknown) => this.onError('learn', error));
      } while (this.#learnAgain.has(namespace));
    };
    this.#learning.set(
      namespace,
      run().finally(() => this.#learning.delete(namespace)),
    );
  }

  /** Waits for what goes on in the background. */
  async flush(): Promise<void> {
    await this.episodes.flush();
    await Promise.all(this.#learning.values());
  }
}

/** Most notes that wait for a tracer: where there is none, nobody takes them. */
const mostNotes = 1_000;

class RecallNotes {
  readonly #byRun = new Map<string, RecallNote>();

  set(runId: string, note: RecallNote): void {
    this.#byRun.set(runId, note);
    if (this.#byRun.size > mostNotes) this.#byRun.delete(this.#byRun.keys().next().value!);
  }

  take(runId: string): RecallNote | undefined {
    const note = this.#byRun.get(runId);
    this.#byRun.delete(runId);
    return note;
  }
}

export interface FinishedState {
  readonly messages?: readonly BaseMessage[];
  readonly structuredResponse?: unknown;
}

/** Where the messages of a run begin: at the one that asked. Others may have been cut or summed up since. */
export function startOf(
  messages: readonly BaseMessage[],
  { start, askedId }: Pick<OpenEpisode, 'start' | 'askedId'>,
): number {
  if (askedId === undefined) return start;
  const asked = messages.findIndex(({ id }) => id === askedId);
  return asked === -1 ? 0 : asked;
}

function answerOf(messages: readonly BaseMessage[], structuredResponse: unknown): string | undefined {
  if (structuredResponse !== undefined) return jsonOf(structuredResponse);
  const last = messages.at(-1);
  return AIMessage.isInstance(last) && (last.tool_calls ?? []).length === 0 ? last.text : undefined;
}

function warnOnce(): OnError {
  const said = new Set<string>();
  return (what, error) => {
    if (said.has(what)) return;
    said.add(what);
    console.warn(`skillrl: could not ${what}: ${error instanceof Error ? error.message : String(error)} (said once)`);
  };
}
