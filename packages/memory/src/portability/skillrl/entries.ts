import { contentHash, type BankEntry, type Evidence } from '@skillrl/core';
import { z } from 'zod';

import { goalPattern, shorten } from '../../distillation/goal.ts';
import { firstStatus, withTokens } from '../../distillation/make-entry.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { MemoryRecord } from './memory-record.ts';

export interface SkillRlContext {
  readonly namespace: string;
  /** The environment that a bank's skills are for, which its file does not say; of records, instead of their own. */
  readonly environment?: string;
  /** The cluster of a goal, so that imported entries stand with those of the program's own episodes. */
  readonly clusterOf: (environment: string, goal: string) => string;
}

/** What an entry's id is made from: equal content gives equal ids, so that a second import skips. */
const idOf = (...content: readonly unknown[]): string => `skillrl_${contentHash(canonicalJson(content)).slice(0, 32)}`;

/**
 * The entries of a record. A success with steps is a demonstration; without steps its plan is a principle. Each mistake is a lesson. What a
 * record does not say stays empty: nothing is made up.
 */
export function entriesOfRecord(record: MemoryRecord, context: SkillRlContext): BankEntry[] {
  const environment = context.environment ?? record.environment;
  const goal = goalPattern(record.goal);
  const base = {
    ...common(context),
    scope: 'task' as const,
    cluster: context.clusterOf(environment, record.goal),
    title: shorten(goal, 400),
    conditions: { environments: [environment] },
    evidence: [evidenceOf(record, environment)],
  };
  const { memoryId, steps, planningPattern, description, mistakes } = record;
  const entries: BankEntry[] = [];
  if (record.isSuccess && steps.length > 0) {
    const result = [description, planningPattern && `Plan: ${planningPattern}`].filter(Boolean).join('\n');
    const body = { goal, steps, result };
    entries.push({ ...base, kind: 'demonstration', id: idOf(memoryId, 'demonstration', body), body });
  } else if (record.isSuccess && planningPattern !== undefined) {
    const body = { principle: planningPattern, appliesWhen: goal };
    entries.push({ ...base, kind: 'principle', id: idOf(memoryId, 'principle', body), body });
  }
  for (const { trigger, badAction } of mistakes) {
    const body = { ...noLesson, pointOfFailure: description, flawedDecision: badAction, appliesWhen: trigger };
    entries.push({ ...base, kind: 'lesson', id: idOf(memoryId, 'lesson', body), body });
  }
  return entries.map(withTokens);
}

const skillSchema = z.object({
  title: z.string().trim().min(1).max(500),
  principle: z.string().trim().min(1),
  when_to_apply: z.string().trim().default(''),
  example: z.string().trim().optional(),
});

/** A skill is a principle. @param category - absent for a general one. */
export function entryOfSkill(
  value: unknown,
  category: string | undefined,
  context: SkillRlContext,
): BankEntry | { readonly reason: string } {
  const parsed = skillSchema.safeParse(value);
  if (!parsed.success) return { reason: reasonOf(parsed.error) };
  const { title, principle, when_to_apply, example } = parsed.data;
  const body = { principle: example ? `${principle}\nExample: ${example}` : principle, appliesWhen: when_to_apply };
  return withTokens({
    ...common(context),
    kind: 'principle',
    id: idOf(context.environment, category, title, body),
    scope: category === undefined ? 'general' : 'task',
    cluster: clusterName(context, category ?? 'general'),
    title,
    body,
  });
}

const mistakeSchema = z.object({
  description: z.string().trim().min(1),
  why_it_happens: z.string().trim().default(''),
  how_to_avoid: z.string().trim().default(''),
});

/** A mistake is a lesson: what happens, the flawed reasoning behind it, what should be done. */
export function entryOfMistake(value: unknown, context: SkillRlContext): BankEntry | { readonly reason: string } {
  const parsed = mistakeSchema.safeParse(value);
  if (!parsed.success) return { reason: reasonOf(parsed.error) };
  const { description, why_it_happens, how_to_avoid } = parsed.data;
  const body = { ...noLesson, pointOfFailure: description, flawedDecision: why_it_happens, correction: how_to_avoid };
  return withTokens({
    ...common(context),
    kind: 'lesson',
    id: idOf(context.environment, 'mistake', body),
    scope: 'general',
    cluster: clusterName(context, 'general'),
    title: shorten(description, 400),
    body,
  });
}

const noLesson = { pointOfFailure: '', flawedDecision: '', correction: '', principle: '', appliesWhen: '' };

/** What is the same of all of them. The files say no times: an entry that was made at another time would not be the same one. */
function common({ namespace, environment }: SkillRlContext) {
  return {
    version: 1,
    namespace,
    evidence: [] as readonly Evidence[],
    // Another program's word, written by a model: nobody here has seen the episodes.
    status: firstStatus(false),
    tokens: 0,
    madeBy: { method: 'skillrl' },
    createdAt: 0,
    ...(environment !== undefined && { conditions: { environments: [environment] } }),
  };
}

function clusterName({ environment }: SkillRlContext, category: string): string {
  return shorten(`${environment ?? 'skillrl'}: ${category}`, 400);
}

function evidenceOf(record: MemoryRecord, environment: string): Evidence {
  const { memoryId, origin } = record;
  return {
    episodeId: `skillrl:${memoryId}`,
    taskId: `skillrl:${environment}:${origin ?? memoryId}`,
    hash: contentHash(canonicalJson(record)),
    trusted: false,
  };
}

function reasonOf(error: z.ZodError): string {
  const issue = error.issues[0];
  return `${issue?.path.join('.') || 'The item'}: ${issue?.message ?? 'does not fit'}.`;
}
