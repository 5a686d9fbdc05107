import type { Habit, House } from './house.ts';
import { fits, itemKind } from './kinds.ts';
import { randomFor, type Random } from './random.ts';
import { appliances, type Process } from './rules.ts';
import type { SceneName } from './scenes/scene.ts';

/** The six kinds of goal, with their official names. */
export const taskTypes = [
  'pick_and_place_simple',
  'look_at_obj_in_light',
  'pick_clean_then_place_in_recep',
  'pick_heat_then_place_in_recep',
  'pick_cool_then_place_in_recep',
  'pick_two_obj_and_place',
] as const;
export type TaskType = (typeof taskTypes)[number];

/** A goal that can be set in a house. */
export interface HouseTask {
  readonly type: TaskType;
  /** Kind of item: `mug`. */
  readonly item: string;
  /** Kind of receptacle it goes to: `shelf`; for `look_at_obj_in_light` the lamp: `desklamp`. */
  readonly target: string;
}

/** What is done to the item before it is put down, if anything. */
export const processes: Readonly<Partial<Record<TaskType, Process>>> = {
  pick_clean_then_place_in_recep: 'clean',
  pick_heat_then_place_in_recep: 'heat',
  pick_cool_then_place_in_recep: 'cool',
};

/**
 * How often the types come up in a room, as in the official games: kitchens heat, cool and clean, bedrooms look. Types that a house cannot
 * carry (looking without a lamp) are left out.
 */
const mix: Readonly<Record<SceneName, readonly (readonly [TaskType, times: number])[]>> = {
  kitchen: [
    ['pick_heat_then_place_in_recep', 2],
    ['pick_cool_then_place_in_recep', 2],
    ['pick_clean_then_place_in_recep', 2],
    ['pick_and_place_simple', 1],
    ['pick_two_obj_and_place', 1],
  ],
  bedroom: lampMix(),
  livingroom: lampMix(),
  bathroom: [
    ['pick_clean_then_place_in_recep', 1],
    ['pick_and_place_simple', 1],
    ['pick_two_obj_and_place', 1],
  ],
};

function lampMix(): readonly (readonly [TaskType, number])[] {
  return [
    ['look_at_obj_in_light', 2],
    ['pick_and_place_simple', 1],
    ['pick_two_obj_and_place', 1],
  ];
}

/**
 * The different tasks of a house, all that it can carry, in an order of its own: the types take turns as often as they come up in such rooms,
 * and within a type the items, so that neighbouring tasks differ.
 */
export function tasksOf(house: House, types: readonly TaskType[] = taskTypes): readonly HouseTask[] {
  const random = randomFor(`tasks/${house.seed}`);
  const room = survey(house);
  const queues = new Map(taskTypes.map((type) => [type, tasksOfType(room, type, random)]));
  const turns = random.shuffle(mix[house.scene].flatMap(([type, times]) => Array.from({ length: times }, () => type)));
  const tasks: HouseTask[] = [];
  const wanted = turns.filter((type) => types.includes(type));
  for (let rounds = 0; wanted.some((type) => queues.get(type)?.length); rounds += 1) {
    const next = queues.get(wanted[rounds % wanted.length] ?? 'pick_and_place_simple')?.shift();
    if (next) tasks.push(next);
  }
  return tasks;
}

/** What decides which tasks a house carries. */
interface Room {
  readonly habits: readonly Habit[];
  /** Kinds of its receptacles. */
  readonly kinds: readonly string[];
  readonly kindOf: ReadonlyMap<string, string>;
  readonly hasLamp: boolean;
}

function survey({ habits, receptacles }: House): Room {
  return {
    habits,
    kinds: [...new Set(receptacles.map(({ kind }) => kind))],
    kindOf: new Map(receptacles.map(({ name, kind }) => [name, kind])),
    hasLamp: habits.some(({ item }) => item === 'desklamp'),
  };
}

function tasksOfType(room: Room, type: TaskType, random: Random): HouseTask[] {
  const perItem = random.shuffle(room.habits).map((habit) => random.shuffle(targetsOf(room, type, habit)));
  const rounds = Math.max(0, ...perItem.map((targets) => targets.length));
  return Array.from({ length: rounds }, (_, round) => perItem.flatMap((targets) => targets[round] ?? [])).flat();
}

function targetsOf(room: Room, type: TaskType, habit: Habit): HouseTask[] {
  const { item } = habit;
  if (!itemKind(item).portable || !suits(type, habit)) return [];
  if (type === 'look_at_obj_in_light') return room.hasLamp ? [{ type, item, target: 'desklamp' }] : [];
  const process = processes[type];
  if (process && !room.kinds.includes(appliances[process])) return [];
  // What is merely moved goes elsewhere than where it usually is; what is processed, elsewhere than where that is done.
  const excluded = process ? appliances[process] : room.kindOf.get(habit.receptacle);
  return room.kinds
    .filter((kind) => fits(item, kind) && kind !== excluded && !neverTargets.has(kind))
    .map((target) => ({ type, item, target }));
}

// Receptacles that no official task names as its goal.
const neverTargets: ReadonlySet<string> = new Set([
  'sinkbasin',
  'bathtubbasin',
  'handtowelholder',
  'towelholder',
  'tvstand',
  'laundryhamper',
]);

function suits(type: TaskType, habit: Habit): boolean {
  const kind = itemKind(habit.item);
  switch (type) {
    case 'pick_and_place_simple':
    case 'look_at_obj_in_light':
      return true;
    case 'pick_clean_then_place_in_recep':
      return kind.cleanable;
    case 'pick_heat_then_place_in_recep':
      return kind.heatable;
    case 'pick_cool_then_place_in_recep':
      return kind.coolable;
    case 'pick_two_obj_and_place':
      return habit.count.some(([count, weight]) => count >= 2 && weight > 0);
    default:
      return type satisfies never;
  }
}
