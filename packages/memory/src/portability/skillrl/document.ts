import { InputError } from '@skillrl/core';
import { z } from 'zod';

/** What SkillRL keeps in its files: banks of skills, and records of episodes from which a model wrote these. */
export type SkillRlFormat = 'skillrl-skills' | 'skillrl-memories';

export interface SkillRlDocument {
  readonly format: SkillRlFormat;
  /** Records, or skills and mistakes, in the order of the file; each still to be checked. */
  readonly items: readonly SkillRlItem[];
  /** A bank's `metadata`, as it is: where it came from and how many memories it was written from. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export type SkillRlItem =
  | { readonly type: 'memory'; readonly value: unknown }
  | { readonly type: 'skill'; readonly value: unknown; readonly category?: string }
  | { readonly type: 'mistake'; readonly value: unknown };

const list = z.array(z.unknown());
const byCategory = z.record(z.string(), list);
const bankSchema = z.object({
  general_skills: list.optional(),
  task_specific_skills: byCategory.optional(),
  query_type_skills: byCategory.optional(),
  common_mistakes: list.optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});

/**
 * Reads a SkillRL document: a bank with `task_specific_skills` or with `query_type_skills`, a bare list of skills as its updater writes them,
 * a list of memory records, or one record.
 *
 * @throws {InputError} `SKILLRL_FORMAT` when it is none of these, or not of the format asked for.
 */
export function readSkillRlDocument(document: unknown, asked?: SkillRlFormat): SkillRlDocument {
  const read = asMemories(document) ?? asSkillList(document) ?? asBank(document);
  if (read !== undefined && (asked === undefined || read.format === asked)) return read;
  throw new InputError({
    code: 'SKILLRL_FORMAT',
    message:
      read === undefined
        ? 'The document is neither a SkillRL skill bank nor SkillRL memory records.'
        : `The document holds ${read.format}, not ${asked}.`,
    hint: 'A bank has general_skills, task_specific_skills or query_type_skills, common_mistakes; records have memory_id and content.',
  });
}

function asMemories(document: unknown): SkillRlDocument | undefined {
  const values: unknown[] = Array.isArray(document) ? document : [document];
  if (!values.some((value) => hasKey(value, 'memory_id') || hasKey(value, 'content'))) return undefined;
  return { format: 'skillrl-memories', items: values.map((value) => ({ type: 'memory', value })) };
}

function asSkillList(document: unknown): SkillRlDocument | undefined {
  if (!Array.isArray(document)) return undefined;
  const values: unknown[] = document;
  if (!values.some((value) => hasKey(value, 'principle') || hasKey(value, 'how_to_avoid'))) return undefined;
  const items = values.map((value): SkillRlItem => ({
    type: hasKey(value, 'how_to_avoid') ? 'mistake' : 'skill',
    value,
  }));
  return { format: 'skillrl-skills', items };
}

function asBank(document: unknown): SkillRlDocument | undefined {
  const parsed = bankSchema.safeParse(document);
  if (!parsed.success) return undefined;
  const { general_skills, task_specific_skills, query_type_skills, common_mistakes, metadata } = parsed.data;
  const specific = [...Object.entries(task_specific_skills ?? {}), ...Object.entries(query_type_skills ?? {})];
  const isBank = [general_skills, task_specific_skills, query_type_skills, common_mistakes].some(
    (part) => part !== undefined,
  );
  if (!isBank) return undefined;
  return {
    format: 'skillrl-skills',
    items: [
      ...(general_skills ?? []).map((value): SkillRlItem => ({ type: 'skill', value })),
      ...specific.flatMap(([category, skills]) =>
        skills.map((value): SkillRlItem => ({ type: 'skill', value, category })),
      ),
      ...(common_mistakes ?? []).map((value): SkillRlItem => ({ type: 'mistake', value })),
    ],
    metadata,
  };
}

function hasKey(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}
