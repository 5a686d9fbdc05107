import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import labels from '../../../packages/environments/src/alfworld/fixtures/skillrl-record-types.json' with { type: 'json' };

/** One of the 223 ALFWorld records, as far as the experiment needs it. */
export interface LabelledRecord {
  readonly memoryId: string;
  readonly goal: string;
  /** The official games' type of this goal. */
  readonly type: string;
  /** The thing that the goal is about: `mug`. */
  readonly thing: string;
  readonly mistakes: readonly string[];
  /** The record as it stands in the file. */
  readonly value: unknown;
}

interface Raw {
  readonly memory_id: string;
  readonly content: {
    readonly task_meta: { readonly original_goal: string };
    readonly strategic_guidelines: {
      readonly mistakes_to_avoid: readonly { readonly trigger_condition: string; readonly bad_action: string }[] | null;
    };
  };
}

export function labelledRecords(folder: string): LabelledRecord[] {
  const path = join(folder, 'skillrl', 'alfworld__generated_memories_alfworld_total.json');
  const types = new Map(
    Object.entries(labels.types).flatMap(([type, ids]) =>
      ids.map((id): [string, string] => [`mem_alfworld_${id}`, type]),
    ),
  );
  return (JSON.parse(readFileSync(path, 'utf8')) as Raw[]).map((value) => {
    const goal = value.content.task_meta.original_goal;
    const mistakes = value.content.strategic_guidelines.mistakes_to_avoid ?? [];
    return {
      memoryId: value.memory_id,
      goal,
      type: types.get(value.memory_id)!,
      thing: thingOf(goal),
      mistakes: mistakes.map(({ trigger_condition, bad_action }) => `${trigger_condition} ${bad_action}`),
      value,
    };
  });
}

function thingOf(goal: string): string {
  const found =
    /^(?:put|find|heat|cool|clean|look at|examine)(?: (?:an?|some|two|the))?(?: (?:hot|cool|clean))? (\w+)/.exec(goal);
  return found?.[1] ?? '';
}

/** SkillRL's categories, by its router's keywords in their order; there is none for two objects. Written anew from a description of it. */
export function keywordCategory(goal: string): string {
  const text = goal.toLowerCase();
  const has = (...words: readonly string[]): boolean => words.some((word) => text.includes(word));
  if (has('look at') && has('under', 'lamp', 'light')) return 'look_at_obj_in_light';
  if (has('clean')) return 'clean';
  if (has('heat')) return 'heat';
  if (has('cool')) return 'cool';
  if (has('examine', 'find')) return 'examine';
  return 'pick_and_place';
}

/** Which category is right for a type; two objects are filed under `pick_and_place`, for want of a better one. */
export const categoryOfType: Readonly<Record<string, string>> = {
  pick_and_place_simple: 'pick_and_place',
  pick_two_obj_and_place: 'pick_and_place',
  look_at_obj_in_light: 'look_at_obj_in_light',
  pick_clean_then_place_in_recep: 'clean',
  pick_heat_then_place_in_recep: 'heat',
  pick_cool_then_place_in_recep: 'cool',
};
