import { z } from 'zod';

/** A memory record of SkillRL, its shapes made one. */
export interface MemoryRecord {
  readonly memoryId: string;
  readonly description: string;
  /** Lower case: `alfworld`. */
  readonly environment: string;
  readonly isSuccess: boolean;
  readonly goal: string;
  /** Empty where the record has none: of every failure, and of some successes. */
  readonly steps: readonly { readonly action: string; readonly observation?: string; readonly why?: string }[];
  readonly planningPattern?: string;
  readonly mistakes: readonly { readonly trigger: string; readonly badAction: string }[];
  readonly origin?: string;
}

const text = z.string().trim().min(1);
const optionalText = z.string().trim().nullish();

const guidelines = z.object({
  planning_pattern: optionalText,
  mistakes_to_avoid: z.array(z.object({ trigger_condition: text, bad_action: text })).nullish(),
});
const steps = z
  .array(z.object({ action: text, critical_observation: optionalText, reasoning: optionalText }))
  .nullish();

const recordSchema = z.object({
  memory_id: text,
  contextual_description: optionalText,
  tags: z.object({
    environment: text,
    outcome: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['success', 'failure'])),
  }),
  content: z.object({
    task_meta: z.object({ original_goal: text }),
    refined_trajectory: z.preprocess((value) => unwrapped(value, 'refined_trajectory'), steps),
    strategic_guidelines: z.preprocess((value) => unwrapped(value, 'strategic_guidelines'), guidelines.nullish()),
  }),
  origin_env_id: optionalText,
});

/** @returns the record, or what is wrong with it. */
export function readMemoryRecord(value: unknown): MemoryRecord | { readonly reason: string } {
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { reason: `${issue?.path.join('.') || 'The record'}: ${issue?.message ?? 'no record'}.` };
  }
  const { memory_id, contextual_description, tags, content, origin_env_id } = parsed.data;
  const { refined_trajectory, strategic_guidelines } = content;
  return {
    memoryId: memory_id,
    description: contextual_description ?? '',
    environment: tags.environment.toLowerCase(),
    isSuccess: tags.outcome === 'success',
    goal: content.task_meta.original_goal,
    steps: (refined_trajectory ?? []).map(({ action, critical_observation, reasoning }) => ({
      action,
      ...(critical_observation && { observation: critical_observation }),
      ...(reasoning && { why: reasoning }),
    })),
    planningPattern: strategic_guidelines?.planning_pattern || undefined,
    mistakes: (strategic_guidelines?.mistakes_to_avoid ?? []).map(({ trigger_condition, bad_action }) => ({
      trigger: trigger_condition,
      badAction: bad_action,
    })),
    origin: origin_env_id ?? undefined,
  };
}

/** The value inside an object that holds only it under its own name once more, however often. */
function unwrapped(value: unknown, key: string): unknown {
  let inner = value;
  for (let depth = 0; depth < 8; depth += 1) {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner) || !Object.hasOwn(inner, key)) return inner;
    inner = (inner as Record<string, unknown>)[key];
  }
  return inner;
}
