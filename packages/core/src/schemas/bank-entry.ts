import { z } from 'zod';

import { entryStatuses, type BankEntry, type EntryStatus } from '../bank-entry.ts';
import { factSchema } from './episode-event.ts';
import { idText, index, listedText, timestamp } from './shared.ts';

const text = z.string().max(20_000);
const shortText = z.string().min(1).max(500);

export const entryStatusSchema: z.ZodType<EntryStatus> = z.enum(entryStatuses);

const entryBase = {
  id: idText,
  version: z.number().int().positive(),
  parentVersion: z.number().int().positive().optional(),
  namespace: idText,
  scope: z.enum(['general', 'task', 'step']),
  cluster: listedText.min(1).max(500),
  title: shortText,
  conditions: z
    .object({
      environments: z.array(idText).optional(),
      families: z.array(idText).optional(),
      types: z.array(idText).optional(),
    })
    .optional(),
  machine: z
    .object({
      facts: z.array(factSchema).optional(),
      order: z.array(z.object({ find: shortText, places: z.array(shortText) })).optional(),
      instead: z.array(z.object({ avoid: shortText, do: shortText })).optional(),
      procedures: z.array(z.object({ name: shortText, means: shortText })).optional(),
    })
    .optional(),
  evidence: z.array(
    z.object({
      episodeId: idText,
      taskId: idText,
      steps: z.tuple([index, index]).optional(),
      hash: z.string(),
      trusted: z.boolean(),
    }),
  ),
  status: entryStatusSchema,
  tokens: index,
  madeBy: z.object({
    method: shortText,
    model: z.string().optional(),
    promptHash: z.string().optional(),
    promptTokens: index.optional(),
    completionTokens: index.optional(),
  }),
  metadata: z.record(z.string().min(1).max(200), z.string().max(200_000)).optional(),
  createdAt: timestamp,
};

export const bankEntrySchema: z.ZodType<BankEntry> = z.discriminatedUnion('kind', [
  z.object({
    ...entryBase,
    kind: z.literal('demonstration'),
    body: z.object({
      goal: text,
      steps: z.array(z.object({ observation: text.optional(), action: text.min(1), why: text.optional() })),
      result: text,
    }),
  }),
  z.object({
    ...entryBase,
    kind: z.literal('lesson'),
    body: z.object({
      pointOfFailure: text,
      flawedDecision: text,
      correction: text,
      principle: text,
      appliesWhen: text,
    }),
  }),
  z.object({
    ...entryBase,
    kind: z.literal('principle'),
    body: z.object({ principle: text, appliesWhen: text }),
  }),
]);
