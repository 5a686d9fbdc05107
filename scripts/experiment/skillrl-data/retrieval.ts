import type { BankEntry, Task } from '../../../packages/core/src/index.ts';
import { compact, vectorIndex } from '../../../packages/drivers/src/index.ts';
import { createRecaller, importSkillRl, referenceBlock } from '../../../packages/memory/src/index.ts';
import { clusterBootstrap } from '../../../packages/signals/src/index.ts';
import { memoryEntryStore } from '../../../packages/testing/src/index.ts';
import { categoryOfType, keywordCategory, type LabelledRecord } from './records.ts';
import { wordWeights } from './word-weights.ts';

const namespace = 'default';

/** What one way of retrieving shows for one held-out record. */
interface Shown {
  /** 1 when an entry shown comes from a record of the same type about the same thing. */
  readonly sameThing: number;
  /** Share of the shown entries' tokens that come from records of the same type. */
  readonly sameType: number;
  /** How much of the record's own mistakes the shown lessons say, in [0, 1]: the likest for each, averaged. */
  readonly mistakes: number | undefined;
  readonly entries: number;
  readonly tokens: number;
}

export interface Comparison {
  readonly measure: string;
  readonly records: number;
  readonly first: number;
  readonly firstOfType: number;
  readonly ours: number;
  /** Ours less SkillRL's way, with a 95 % interval over goals. */
  readonly difference: number;
  readonly interval: readonly [number, number];
}

export interface RetrievalReport {
  readonly budgetTokens: number;
  readonly entries: { readonly first: number; readonly firstOfType: number; readonly ours: number };
  readonly tokens: { readonly first: number; readonly firstOfType: number; readonly ours: number };
  readonly comparisons: readonly Comparison[];
}

/**
 * Holds out one record after another, asks with its goal, and looks at what is shown of the other 222 within the budget. Three ways: SkillRL's
 * (its keywords, then the first of the category in file order that fit), the same with a router that is always right, and the recaller.
 */
export async function retrieval(
  records: readonly LabelledRecord[],
  budgetTokens: number,
  limit: number,
): Promise<RetrievalReport> {
  const store = memoryEntryStore();
  await importSkillRl(
    records.map(({ value }) => value),
    { entries: store, namespace, status: 'active' },
  );
  const byRecord = await entriesByRecord(store, records);
  const sourceOf = new Map([...byRecord].flatMap(([record, own]) => own.map((entry) => [entry.id, record] as const)));
  const likeness = wordWeights(records.flatMap(({ mistakes }) => mistakes));
  const recaller = createRecaller(
    { entries: store, embedder: compact(), createVectorIndex: (dimensions) => vectorIndex({ dimensions }) },
    { namespace, budgetTokens, limit, withholdProbability: 0, embedTimeoutMs: 60_000 },
  );
  await recaller.prepare();

  const rows: { record: LabelledRecord; first: Shown; firstOfType: Shown; ours: Shown }[] = [];
  for (const record of records) {
    const own = byRecord.get(record)!;
    await store.commit({ namespace, reason: 'hold out', remove: own.map(({ id }) => id) });
    const { entries } = await recaller.recall({ task: taskOf(record) });
    await store.commit({ namespace, reason: 'put back', put: own });
    const category = keywordCategory(record.goal);
    const others = records.filter((other) => other !== record);
    const filed = others.filter(({ goal }) => keywordCategory(goal) === category);
    const ofType = others.filter(({ type }) => categoryOfType[type] === categoryOfType[record.type]);
    const judge = (shown: readonly BankEntry[]): Shown => judged(shown, record, sourceOf, likeness);
    rows.push({
      record,
      first: judge(
        firstThatFit(
          filed.flatMap((other) => byRecord.get(other)!),
          budgetTokens,
          record,
        ),
      ),
      firstOfType: judge(
        firstThatFit(
          ofType.flatMap((other) => byRecord.get(other)!),
          budgetTokens,
          record,
        ),
      ),
      ours: judge(entries),
    });
  }
  await recaller.close();

  const answerable = rows.filter(({ record }) => records.some((other) => other !== record && isAkin(other, record)));
  const failed = rows.filter(({ record }) => record.mistakes.length > 0);
  const compare = (measure: string, of: typeof rows, value: (shown: Shown) => number): Comparison => {
    const mean = (way: 'first' | 'firstOfType' | 'ours') => average(of.map((row) => value(row[way])));
    const { mean: difference, interval } = clusterBootstrap(
      of.map(({ record, ours, first }) => ({ clusters: [record.goal], value: value(ours) - value(first) })),
    );
    const ways = { first: mean('first'), firstOfType: mean('firstOfType'), ours: mean('ours') };
    return { measure, records: of.length, ...ways, difference, interval: [interval.low, interval.high] };
  };
  const count = (value: (shown: Shown) => number) => ({
    first: average(rows.map(({ first }) => value(first))),
    firstOfType: average(rows.map(({ firstOfType }) => value(firstOfType))),
    ours: average(rows.map(({ ours }) => value(ours))),
  });
  return {
    budgetTokens,
    entries: count(({ entries }) => entries),
    tokens: count(({ tokens }) => tokens),
    comparisons: [
      compare('an entry of the same type about the same thing is shown', answerable, ({ sameThing }) => sameThing),
      compare('share of tokens from the same type', rows, ({ sameType }) => sameType),
      compare('what failed records name as mistakes is shown', failed, ({ mistakes }) => mistakes ?? 0),
    ],
  };
}

async function entriesByRecord(store: ReturnType<typeof memoryEntryStore>, records: readonly LabelledRecord[]) {
  const byRecord = new Map<LabelledRecord, BankEntry[]>(records.map((record) => [record, []]));
  const byId = new Map(records.map((record) => [`skillrl:${record.memoryId}`, record]));
  for await (const entry of (await store.view(namespace)).list()) {
    byRecord.get(byId.get(entry.evidence[0]!.episodeId)!)!.push(entry);
  }
  return byRecord;
}

function taskOf({ memoryId, goal }: LabelledRecord): Task {
  return { id: memoryId, environment: 'alfworld', instruction: goal, domainKind: 'convergent' };
}

/** The first entries in file order that fit: one that is too long is passed by, which is kinder than to stop there. */
function firstThatFit(entries: readonly BankEntry[], budgetTokens: number, record: LabelledRecord): BankEntry[] {
  const shown: BankEntry[] = [];
  for (const entry of entries) {
    const text = referenceBlock.render([...shown, entry], taskOf(record));
    if (referenceBlock.countTokens(text) > budgetTokens) continue;
    shown.push(entry);
  }
  return shown;
}

function judged(
  shown: readonly BankEntry[],
  record: LabelledRecord,
  sourceOf: ReadonlyMap<string, LabelledRecord>,
  likeness: (a: string, b: string) => number,
): Shown {
  const sources = shown.map(({ id }) => sourceOf.get(id)!);
  const lengths = shown.map((entry) => referenceBlock.countTokens(referenceBlock.render([entry], taskOf(record))));
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const ofType = lengths
    .filter((_, index) => sources[index]!.type === record.type)
    .reduce((sum, length) => sum + length, 0);
  const lessons = shown.flatMap((entry) =>
    entry.kind === 'lesson' ? [`${entry.body.appliesWhen} ${entry.body.flawedDecision}`] : [],
  );
  const likest = (mistake: string): number => Math.max(0, ...lessons.map((lesson) => likeness(mistake, lesson)));
  return {
    sameThing: sources.some((source) => isAkin(source, record)) ? 1 : 0,
    sameType: tokens === 0 ? 0 : ofType / tokens,
    mistakes: record.mistakes.length === 0 ? undefined : average(record.mistakes.map(likest)),
    entries: shown.length,
    tokens: shown.length === 0 ? 0 : referenceBlock.countTokens(referenceBlock.render(shown, taskOf(record))),
  };
}

function isAkin(a: LabelledRecord, b: LabelledRecord): boolean {
  return a.type === b.type && a.thing === b.thing;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
