import { BaseTracer, type Run } from '@langchain/core/tracers/base';
import { AIMessage, BaseMessage, type BaseMessageLike, coerceMessageLikeToMessage } from '@langchain/core/messages';
import { newId, type RecallNote } from '@skillrl/core';

import type { Core, TaskOption } from './core.ts';
import { actionOf, chatMessageOf, isObject, textOf, toolAnswerOf, usageOf } from './messages.ts';
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
    const core = this.#core;
    const options = this.#options;
    try {
      const said = contextInMetadata(run.extra?.['metadata']);
      const memory = core.memoryFor({}, said.namespace ?? options.namespace);
      const id = said.episodeId ?? newId('episode', run.start_time);
      const task = core.taskOf(said.task ?? options.task?.(run) ?? (askedIn(run.inputs) || run.name));
      const { recorder } = memory;
      await recorder.start({
        episodeId: id,
        task,
        purpose: said.purpose ?? 'train',
        policy: core.options.policy,
        tags: { ...options.tags, ...said.tags, ...(said.enabled === false && { memory: 'off' }) },
      });
      let calls = 0;
      let steps = 0;
      let callIds: string[] = [];
      let recall: RecallNote | undefined;
      for (const child of [run, ...descendants(run)]) {
        if (child.name === recallRunName) recall = core.notes.take(child.id) ?? recall;
        if (isModel(child)) {
          const prompt = promptOf(child);
          const reply = replyOf(child);
          if (reply === undefined) continue;
          const call = {
            id: `call_${child.id}`,
            model: child.name,
            newMessages: prompt.map(chatMessageOf),
            completion: textOf(reply),
            ...usageOf(reply, prompt),
            ...(recall !== undefined && { recall }),
          };
          recall = undefined;
          callIds = [call.id];
          await recorder.modelCall(id, call, { index: calls++ });
        } else if (child.run_type === 'tool') {
          const action = actionOf({ name: child.name, args: jsonOf(firstText(child.inputs)) ?? child.inputs });
          const actionId = await recorder.act(id, { action, index: steps++, callIds });
          const answer = toolAnswerOf(child.outputs?.['output']);
          const text = child.error === undefined ? answer.text || firstText(child.outputs) : `Error: ${child.error}`;
          await recorder.answer(id, actionId, { observation: text, trust: core.trustOf(child.name) });
        }
      }
      const answer = run.error === undefined ? firstText(lastOf(run.outputs)) : '';
      if (answer !== '') await recorder.act(id, { action: answer, index: steps, callIds });
      await recorder.end(id, run.error === undefined ? 'terminated' : 'errored');
      const messages = descendants(run).flatMap((child) => replyOf(child) ?? []);
      const outcome =
        run.error === undefined
          ? await core.grade({ episodeId: id, task, messages, structuredResponse: run.outputs })
          : ({ status: 'errored', error: { code: 'RUN_FAILED', message: run.error } } as const);
      if (outcome !== undefined) await recorder.outcome(id, outcome);
      core.learnSoon(memory);
    } catch (error) {
      core.onError('record a run', error);
    }
  }
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
