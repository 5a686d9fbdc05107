import { BaseTracer, type Run } from '@langchain/core/tracers/base';
import { AIMessage, BaseMessage, type BaseMessageLike, coerceMessageLikeToMessage } from '@langchain/core/messages';
import { newId } from '@skillrl/core';

import type { Core, TaskOption } from './core.ts';
import { isObject, textOf, toolAnswerOf, type ToolAnswer } from './messages.ts';
import { recallRunName } from './recall-skills.ts';
import { contextInMetadata } from './run-context.ts';

export interface TracerOptions {
  /** What a root run was asked. Default: the last human message of its input, else the first text in it. */
  readonly task?: (run: Run) => TaskOption;
  /** The tenant. Default: what the option `namespace` of `skillMemory` says, else the memory's own. */
  readonly namespace?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * Records every root run of a chain or a raw graph as one episode: its model calls, its tool calls, how it ended. For `createAgent` the
 * middleware is better: it shows what it recalls.
 *
 * An invocation says in `metadata: { skillMemory: { episodeId, namespace, … } }` what is its own.
 */
export class EpisodeTracer extends BaseTracer {
  override name = 'skill_memory_tracer';
  override awaitHandlers = true;
  readonly #core: Core;
  readonly #options: TracerOptions;

  constructor(core: Core, options: TracerOptions = {}) {
    super();
    this.#core = core;
    this.#options = options;
  }

  /** Called once for each root run, whether it succeeded or failed. */
  protected override async persistRun(run: Run): Promise<void> {
    try {
      await this.#record(run);
    } catch (error) {
      this.#core.onError('record a run', error);
    }
  }

  #record(run: Run): Promise<void> {
    const core = this.#core;
    const { episodes } = core;
    const options = this.#options;
    const said = contextInMetadata(run.extra?.['metadata']);
    const memory = core.memoryFor({}, said.namespace ?? options.namespace);
    const task = core.taskOf(said.task ?? options.task?.(run) ?? (askedIn(run.inputs) || run.name));
    const opening = {
      episodeId: said.episodeId ?? newId('episode', run.start_time),
      task,
      purpose: said.purpose ?? 'train',
      policy: core.options.policy,
      tags: { ...options.tags, ...said.tags, ...(said.enabled === false && { memory: 'off' }) },
    } as const;
    const { episodeId } = opening;
    const episode = episodes.begin(memory, { episodeId, namespace: memory.namespace, task, start: 0 });
    episodes.write(episode, 'begin an episode', () => memory.recorder.start(opening));
    const runs = [run, ...descendants(run)];
    for (const child of runs) {
      const recall = child.name === recallRunName ? core.notes.take(child.id) : undefined;
      if (recall !== undefined) episodes.recalled(episode, recall);
      const reply = isModel(child) ? replyOf(child) : undefined;
      if (reply !== undefined) episodes.call(episode, promptOf(child), reply, child.name);
      if (child.run_type === 'tool') {
        const args = jsonOf(firstText(child.inputs)) ?? child.inputs;
        const actionId = episodes.act(episode, { name: child.name, args });
        episodes.answer(episode, actionId, answerOf(child), core.trustOf(child.name));
      }
    }
    const { error } = run;
    if (error !== undefined) {
      const outcome = { status: 'errored', error: { code: 'RUN_FAILED', message: error } } as const;
      return core.close(episode, 'errored', { outcome: async () => outcome });
    }
    const messages = runs.flatMap((child) => replyOf(child) ?? []);
    return core.close(episode, 'terminated', {
      finalAnswer: firstText(lastOf(run.outputs)),
      outcome: () => core.grade({ episodeId, task, messages, structuredResponse: run.outputs }),
    });
  }
}

function answerOf(tool: Run): ToolAnswer {
  if (tool.error !== undefined) return { text: `Error: ${tool.error}`, isError: true };
  const answer = toolAnswerOf(tool.outputs?.['output']);
  return { ...answer, text: answer.text || firstText(tool.outputs) };
}

/** All runs within a run, in the order they began. */
function descendants(run: Run): Run[] {
  const children = run.child_runs.toSorted((a, b) => a.execution_order - b.execution_order);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function isModel({ run_type: type }: Run): boolean {
  return type === 'llm' || type === 'chat_model';
}

function promptOf({ inputs }: Run): BaseMessage[] {
  const { messages } = inputs as { readonly messages?: unknown };
  const batch = Array.isArray(messages) && Array.isArray(messages[0]) ? (messages[0] as unknown[]) : [];
  return batch.filter((message): message is BaseMessage => BaseMessage.isInstance(message));
}

function replyOf({ outputs }: Run): BaseMessage | undefined {
  const generations = (outputs as { readonly generations?: unknown } | undefined)?.generations;
  const first =
    Array.isArray(generations) && Array.isArray(generations[0]) ? (generations[0][0] as unknown) : undefined;
  if (!isObject(first)) return undefined;
  if (BaseMessage.isInstance(first['message'])) return first['message'];
  return typeof first['text'] === 'string' ? new AIMessage(first['text']) : undefined;
}

/** The last of a run's messages where it gives messages, else what it gives. */
function lastOf(outputs: unknown): unknown {
  const messages = isObject(outputs) ? outputs['messages'] : undefined;
  return Array.isArray(messages) ? messages.at(-1) : outputs;
}

function askedIn(inputs: unknown): string {
  const messages = isObject(inputs) && Array.isArray(inputs['messages']) ? inputs['messages'] : [];
  const asked = messages.map(messageOf).findLast((message) => message?.getType() === 'human');
  return asked === undefined ? firstText(inputs) : textOf(asked);
}

/** A message, in any of the forms that a graph takes: a message, `{ role, content }`, a pair, a text. */
function messageOf(like: unknown): BaseMessage | undefined {
  try {
    return coerceMessageLikeToMessage(like as BaseMessageLike);
  } catch {
    return undefined;
  }
}

/** The first text in a value, however deep. */
function firstText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (BaseMessage.isInstance(value)) return textOf(value);
  if (!isObject(value)) return '';
  for (const part of Object.values(value)) {
    const text = firstText(part);
    if (text !== '') return text;
  }
  return '';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
