import { bankEntrySchema, type BankEntry } from '@skillrl/core';

import { clusterOf } from '../../distillation/goal.ts';
import { learnGoalTemplates } from '../../distillation/goal-templates.ts';
import { importItems, type ImportCounts, type ImportItem, type ImportTarget } from '../import-items.ts';
import { readSkillRlDocument, type SkillRlFormat, type SkillRlItem } from './document.ts';
import { entriesOfRecord, entryOfMistake, entryOfSkill, type SkillRlContext } from './entries.ts';
import { readMemoryRecord } from './memory-record.ts';

export interface SkillRlImportOptions {
  /** Refuses a document of another format. Default: what it is. */
  readonly format?: SkillRlFormat;
  /** The environment that the entries are for. A bank's file does not say it; records say their own. */
  readonly environment?: string;
  /** The type of a task that is only known by its goal, where the environment can tell; else clusters are learned from the goals. */
  readonly typeOf?: (environment: string, goal: string) => string | undefined;
}

export interface SkillRlReport extends ImportCounts {
  readonly format: SkillRlFormat;
  /** Records, or skills and mistakes, in the document; each gave an entry or more, or was rejected. */
  readonly records: number;
  /** What they were made into: `added + replaced + skipped`, and what stood twice. */
  readonly made: Readonly<Record<BankEntry['kind'], number>>;
  /** A bank's own, as it is. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/**
 * Imports what SkillRL ships. Nothing in it was verified here, and a model wrote the texts: entries are `quarantined` unless the target's
 * `status` says otherwise.
 *
 * @param document - the file's JSON.
 * @throws {InputError} `SKILLRL_FORMAT`
 */
export async function importSkillRl(
  document: unknown,
  { format, environment, typeOf, ...target }: ImportTarget & SkillRlImportOptions,
): Promise<SkillRlReport> {
  const { items, metadata, ...read } = readSkillRlDocument(document, format);
  const context = { namespace: target.namespace, environment, clusterOf: clustersOf(items, typeOf) };
  const made = { demonstration: 0, lesson: 0, principle: 0 };
  async function* entries(): AsyncGenerator<ImportItem> {
    for (const [index, item] of items.entries()) {
      for (const one of entriesOf(item, context)) {
        if ('kind' in one) made[one.kind] += 1;
        yield 'kind' in one ? { line: index + 1, entry: one } : { line: index + 1, ...one };
      }
    }
  }
  const counts = await importItems(entries(), target, { total: () => undefined });
  return { ...counts, format: read.format, records: items.length, made, ...(metadata && { metadata }) };
}

type Rejected = { readonly id?: string; readonly reason: string };

function entriesOf(item: SkillRlItem, context: SkillRlContext): readonly (BankEntry | Rejected)[] {
  switch (item.type) {
    case 'memory':
      return recordEntries(item.value, context);
    case 'skill':
      return [storable(entryOfSkill(item.value, item.category, context))];
    case 'mistake':
      return [storable(entryOfMistake(item.value, context))];
    default:
      return item satisfies never;
  }
}

function recordEntries(value: unknown, context: SkillRlContext): readonly (BankEntry | Rejected)[] {
  const record = readMemoryRecord(value);
  if ('reason' in record) return [record];
  const entries = entriesOfRecord(record, context);
  if (entries.length > 0) return entries.map(storable);
  const missing = record.isSuccess ? 'a success without steps and without a plan' : 'a failure without a mistake';
  return [{ id: record.memoryId, reason: `There is nothing to learn from ${missing}.` }];
}

/** What does not fit a bank, such as a text that is too long, is rejected here: the store would refuse all that comes with it. */
function storable(entry: BankEntry | Rejected): BankEntry | Rejected {
  if (!('kind' in entry)) return entry;
  const issue = bankEntrySchema.safeParse(entry).error?.issues[0];
  return issue === undefined ? entry : { id: entry.id, reason: `${issue.path.join('.')}: ${issue.message}.` };
}

/** Clusters by the task's type where one is known, else by what the goals of the document have in common. */
function clustersOf(
  items: readonly SkillRlItem[],
  typeOf: SkillRlImportOptions['typeOf'] = () => undefined,
): SkillRlContext['clusterOf'] {
  const goals = new Map<string, string[]>();
  for (const item of items) {
    const record = item.type === 'memory' ? readMemoryRecord(item.value) : undefined;
    if (record === undefined || 'reason' in record) continue;
    const own = goals.get(record.environment);
    if (own === undefined) goals.set(record.environment, [record.goal]);
    else own.push(record.goal);
  }
  const templates = new Map([...goals].map(([environment, own]) => [environment, learnGoalTemplates(own)]));
  return (environment, goal) => {
    const type = typeOf(environment, goal) ?? templates.get(environment)?.(goal);
    return clusterOf({ id: goal, environment, instruction: goal, domainKind: 'convergent', ...(type && { type }) });
  };
}
