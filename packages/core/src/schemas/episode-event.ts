import { z } from 'zod';

import type { EntryExposure, Fact, ModelCall, Outcome } from '../episode.ts';
import type { EpisodeEvent } from '../episode-event.ts';
import { idText, index, listedText, timestamp } from './shared.ts';
import { purposeSchema, taskSchema } from './task.ts';

export const factSchema: z.ZodType<Fact> = z.object({
  subject: z.string(),
  relation: z.string(),
  object: z.string(),
});

const trust = z.enum(['environment', 'grader', 'user', 'tool', 'model']);

const exposure: z.ZodType<EntryExposure> = z.object({
  entryId: idText,
  entryVersion: z.number().int().positive(),
  propensity: z.number().gt(0).lte(1),
});

const recallNote = z
  .object({
    namespace: idText.optional(),
    bankRevision: index,
    shown: z.array(exposure),
    withheld: z.array(exposure),
    tokens: index,
    degraded: z.string().optional(),
  })
  .refine(
    ({ namespace, shown, withheld }) => namespace !== undefined || shown.length + withheld.length === 0,
    'entries are known by their namespace and id: the note must name the namespace',
  );

const tokenTrace = z
  .object({
    completionIds: z.array(index),
    logprobs: z.array(z.number().lte(1e-6)),
    tokenizer: z.string(),
  })
  .refine(
    (trace) => trace.completionIds.length === trace.logprobs.length,
    'ids and log-probabilities must be equally many',
  );

export const modelCallSchema: z.ZodType<ModelCall> = z.object({
  id: idText,
  parent: idText.optional(),
  model: z.string(),
  newMessages: z.array(z.object({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() })),
  newPromptIds: z.array(index).optional(),
  completion: z.string(),
  promptTokens: index,
  completionTokens: index,
  recall: recallNote.optional(),
  tokens: tokenTrace.optional(),
  confidence: z.number().min(0).max(1).optional(),
});

export const outcomeSchema: z.ZodType<Outcome> = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    score: z.number().min(0).max(1),
    source: trust,
    verified: z.boolean(),
  }),
  z.object({
    status: z.literal('failure'),
    score: z.number().min(0).max(1),
    source: trust,
    verified: z.boolean(),
  }),
  z.object({ status: z.literal('truncated'), limit: z.string() }),
  z.object({
    status: z.literal('errored'),
    error: z.object({ code: z.string(), message: z.string() }),
  }),
]);

const base = { id: idText, episodeId: idText, at: timestamp };

export const episodeEventSchema: z.ZodType<EpisodeEvent> = z.discriminatedUnion('type', [
  z.object({
    ...base,
    type: z.literal('episode-start'),
    task: taskSchema,
    purpose: purposeSchema,
    policy: z.object({ name: listedText, version: listedText }),
    bankRevision: index.optional(),
    tags: z.record(listedText, listedText).optional(),
  }),
  z.object({ ...base, type: z.literal('model-call'), index, call: modelCallSchema }),
  z.object({
    ...base,
    type: z.literal('action'),
    actionId: idText,
    index,
    action: z.string(),
    callIds: z.array(idText).optional(),
  }),
  z.object({
    ...base,
    type: z.literal('observation'),
    actionId: idText.optional(),
    observation: z.string(),
    trust: trust.optional(),
    reward: z.number().optional(),
    facts: z.array(factSchema).optional(),
    stateKey: z.string().optional(),
    changed: z.boolean().optional(),
    admissible: z.array(z.string()).optional(),
  }),
  z.object({
    ...base,
    type: z.literal('episode-end'),
    end: z.enum(['terminated', 'truncated', 'errored', 'interrupted']),
  }),
  z.object({ ...base, type: z.literal('outcome'), outcome: outcomeSchema }),
  z.object({ ...base, type: z.literal('erased'), hash: z.string() }),
]);
