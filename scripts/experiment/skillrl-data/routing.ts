import { alfworldTaskType } from '../../../packages/environments/src/index.ts';
import { learnGoalTemplates } from '../../../packages/memory/src/index.ts';
import { categoryOfType, keywordCategory, type LabelledRecord } from './records.ts';

export interface Routing {
  readonly router: string;
  readonly right: number;
  readonly of: number;
}

/** How many records each router gives the true type. */
export function routing(records: readonly LabelledRecord[]): Routing[] {
  const isRight = (test: (record: LabelledRecord) => boolean): number => records.filter(test).length;
  const of = records.length;
  return [
    {
      router: 'SkillRL’s keywords (two objects counted as right under pick_and_place)',
      right: isRight(({ goal, type }) => keywordCategory(goal) === categoryOfType[type]),
      of,
    },
    {
      router: 'SkillRL’s keywords (two objects have no category: wrong)',
      right: isRight(
        ({ goal, type }) => type !== 'pick_two_obj_and_place' && keywordCategory(goal) === categoryOfType[type],
      ),
      of,
    },
    {
      router: 'goals’ templates, learned from the other 222 and their types',
      right: isRight((record) => learnedType(record, records) === record.type),
      of,
    },
    { router: 'alfworldTaskType, a rule', right: isRight(({ goal, type }) => alfworldTaskType(goal) === type), of },
  ];
}

/** The most frequent type among the other records whose goal has the same template. */
function learnedType(record: LabelledRecord, records: readonly LabelledRecord[]): string | undefined {
  const others = records.filter((other) => other !== record);
  const templateOf = learnGoalTemplates(others.map(({ goal }) => goal));
  const template = templateOf(record.goal);
  const counts = new Map<string, number>();
  for (const { goal, type } of others) {
    if (templateOf(goal) === template) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0];
}
