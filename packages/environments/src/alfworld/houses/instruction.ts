import type { Random } from './random.ts';
import type { Process } from './rules.ts';
import type { HouseTask } from './tasks.ts';

/** The sentence after `Your task is to: `, in one of the two official wordings of the task's type. */
export function instructionFor(task: HouseTask, random: Random): string {
  const { item, target } = task;
  return random.pick(wordings[task.type]).replace('ITEM', item).replace('TARGET', target);
}

/** The sentence for a made-up verb: `dax some mug and put it in shelf.` */
export function madeUpInstruction(task: HouseTask, verb: string): string {
  return `${verb} some ${task.item} and put it in ${task.target}.`;
}

const processed = (process: Process, quality: string): readonly string[] => [
  `${process} some ITEM and put it in TARGET.`,
  `put a ${quality} ITEM in TARGET.`,
];

const wordings: Readonly<Record<HouseTask['type'], readonly string[]>> = {
  pick_and_place_simple: ['put a ITEM in TARGET.', 'put some ITEM on TARGET.'],
  look_at_obj_in_light: ['look at ITEM under the TARGET.', 'examine the ITEM with the TARGET.'],
  pick_clean_then_place_in_recep: processed('clean', 'clean'),
  pick_heat_then_place_in_recep: processed('heat', 'hot'),
  pick_cool_then_place_in_recep: processed('cool', 'cool'),
  pick_two_obj_and_place: ['put two ITEM in TARGET.', 'find two ITEM and put them in TARGET.'],
};
