import {
  contentHash,
  isAbort,
  SkillError,
  type ChatMessage,
  type ChatModel,
  type Demonstration,
  type Episode,
  type Lesson,
} from '@skillrl/core';
import { z } from 'zod';

import { readFailure } from './contrastive/failed-attempt.ts';
import {
  nothingSpent,
  type DistilContext,
  type Distilled,
  type Distiller,
  type RejectedDraft,
  type Spent,
} from './distiller.ts';
import { evidenceFrom, joinEvidence } from './evidence.ts';
import { clusterOf } from './goal.ts';
import { lessonDraftSchema, type LessonDraft } from './lesson-draft.ts';
import { complaint, lessonPrompt, lessonPromptVersion } from './lesson-prompt.ts';
import { entryId, firstStatus, withTokens } from './make-entry.ts';
import { promotionOf } from './promotion.ts';
import { validateLesson } from './validate-lesson.ts';

export interface ChatModelDistillerOptions {
  readonly model: ChatModel;
  /** What all distilling with this distiller may cost together. Default: no limit. */
  readonly budget?: { readonly calls?: number; readonly tokens?: number };
  /** Default 0.2. */
  readonly temperature?: number;
  /** Most tokens of one reply. Default 900. */
  readonly maxTokens?: number;
}

/**
 * Has a model write one lesson of each failure. The draft is held against the episode (`validateLesson`); one that does not hold is sent back
 * once with the complaint, and rejected with its reasons when it still does not.
 *
 * When the budget is used up, or the model cannot be reached, the episode is left for a later run.
 */
export function chatModelDistiller(options: ChatModelDistillerOptions): Distiller {
  const { model, budget = {} } = options;
  let total = nothingSpent;
  const isSpent = (): boolean =>
    total.calls >= (budget.calls ?? Infinity) ||
    total.promptTokens + total.completionTokens >= (budget.tokens ?? Infinity);

  return {
    name: 'chat-model',
    version: `${model.id}/prompt-${lessonPromptVersion}`,
    from: 'failure',
    distil: async (episode, context) => {
      if (episode.outcome?.status !== 'failure' || episode.steps.length === 0) return { accepted: [], rejected: [] };
      const { nearest } = readFailure(episode, context);
      const before = total;
      const conversation = [...lessonPrompt(episode, nearest)];
      let rejection: RejectedDraft | undefined;
      for (let attempt = 1; attempt <= 2; attempt += 1) {
        if (isSpent()) {
          const refused = rejection ?? { reason: `The budget of ${inWords(budget)} is used up.`, raw: '' };
          return {
            accepted: [],
            rejected: [refused],
            spent: difference(total, before),
            deferred: rejection === undefined,
          };
        }
        const reply = await ask(options, conversation, episode, attempt, context.signal);
        if ('failure' in reply) {
          const rejected = [{ reason: reply.failure, raw: '' }];
          return { accepted: [], rejected, spent: difference(total, before), deferred: true };
        }
        total = {
          calls: total.calls + 1,
          promptTokens: total.promptTokens + reply.promptTokens,
          completionTokens: total.completionTokens + reply.completionTokens,
        };
        const checked = check(reply.text, episode, nearest, context);
        if ('draft' in checked) {
          const spent = difference(total, before);
          const lesson = lessonOf(checked.draft, episode, nearest, context, model, spent, conversation);
          return { accepted: [lesson], rejected: [], spent };
        }
        rejection = { reason: checked.faults.join(' '), raw: reply.text };
        conversation.push({ role: 'assistant', content: reply.text }, complaint(checked.faults));
      }
      return {
        accepted: [],
        rejected: rejection ? [rejection] : [],
        spent: difference(total, before),
      } satisfies Distilled;
    },
  };
}

type Reply =
  | { readonly text: string; readonly promptTokens: number; readonly completionTokens: number }
  | { readonly failure: string };

async function ask(
  { model, temperature = 0.2, maxTokens = 900 }: ChatModelDistillerOptions,
  conversation: readonly ChatMessage[],
  episode: Episode,
  attempt: number,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  const { messages, jsonSchema } = model.capabilities;
  try {
    return await model.chat({
      prompt: messages ? conversation : rawText(conversation),
      temperature,
      maxTokens,
      seed: Number.parseInt(contentHash(`${episode.id} ${attempt}`).slice(0, 8), 16),
      jsonSchema: jsonSchema ? draftJsonSchema : undefined,
      signal,
    });
  } catch (error) {
    // A model's outage is no reason to lose what other episodes gave; anything else is a fault of ours.
    if (isAbort(error) || !(error instanceof SkillError)) throw error;
    return { failure: `The model could not be asked: ${error.message}` };
  }
}

const draftJsonSchema = z.toJSONSchema(lessonDraftSchema) as Record<string, unknown>;

function rawText(conversation: readonly ChatMessage[]): string {
  return `${conversation.map(({ role, content }) => `${role.toUpperCase()}:\n${content}`).join('\n\n')}\n\nASSISTANT:\n`;
}

function check(
  text: string,
  episode: Episode,
  nearest: Demonstration | undefined,
  { knownObjects }: DistilContext,
): { readonly draft: LessonDraft } | { readonly faults: readonly string[] } {
  const parsed = lessonDraftSchema.safeParse(jsonIn(text));
  if (!parsed.success) {
    return {
      faults: parsed.error.issues
        .slice(0, 5)
        .map(({ path, message }) => `${path.join('.') || 'The reply'}: ${message}.`),
    };
  }
  const reference = nearest?.body.steps.map(({ action }) => action).join('\n');
  const faults = validateLesson(parsed.data, episode, { knownObjects, reference });
  return faults.length === 0 ? { draft: parsed.data } : { faults };
}

/** The JSON object in a reply that may stand between other words or fences; `undefined` when there is none. */
function jsonIn(text: string): unknown {
  const object = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  try {
    return JSON.parse(object);
  } catch {
    return undefined;
  }
}

function lessonOf(
  draft: LessonDraft,
  episode: Episode,
  nearest: Demonstration | undefined,
  context: DistilContext,
  model: ChatModel,
  spent: Spent,
  conversation: readonly ChatMessage[],
): Lesson {
  const { task } = episode;
  const steps = draft.citations.map(({ step }) => step);
  const own = evidenceFrom(episode, context.trusted, [Math.min(...steps), Math.max(...steps)]);
  const evidence = joinEvidence([own], nearest?.evidence.slice(0, 1) ?? []);
  const { becomes } = promotionOf(episode, context.doubts?.(episode));
  const isSound = becomes === 'lesson' && evidence.every(({ trusted }) => trusted);
  const { title, pointOfFailure, flawedDecision, correction, principle, appliesWhen, instead } = draft;
  // What to do in place of a single act is bound to the place where it was done.
  const family = instead === undefined ? undefined : task.family;
  const body = { pointOfFailure, flawedDecision, correction, principle, appliesWhen };
  return withTokens<Lesson>({
    kind: 'lesson',
    id: entryId('lesson', context.namespace, task.environment, family ?? '', ...Object.values(body)),
    version: 1,
    namespace: context.namespace,
    scope: 'task',
    cluster: clusterOf(task),
    title,
    conditions: { environments: [task.environment], ...(family === undefined ? {} : { families: [family] }) },
    machine: instead === undefined ? undefined : { instead: [instead] },
    body,
    evidence,
    status: firstStatus(isSound),
    madeBy: {
      method: 'chat-model',
      model: model.id,
      promptHash: contentHash(JSON.stringify(conversation[0])),
      promptTokens: spent.promptTokens,
      completionTokens: spent.completionTokens,
    },
    createdAt: context.now,
  });
}

function difference(after: Spent, before: Spent): Spent {
  return {
    calls: after.calls - before.calls,
    promptTokens: after.promptTokens - before.promptTokens,
    completionTokens: after.completionTokens - before.completionTokens,
  };
}

function inWords({ calls, tokens }: { readonly calls?: number; readonly tokens?: number }): string {
  return [calls === undefined ? [] : [`${calls} calls`], tokens === undefined ? [] : [`${tokens} tokens`]]
    .flat()
    .join(' and ');
}
