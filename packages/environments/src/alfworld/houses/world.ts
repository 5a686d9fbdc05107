import { habitStrength } from './habits.ts';
import type { House, Receptacle } from './house.ts';
import type { Random } from './random.ts';
import { processes, type HouseTask } from './tasks.ts';

/** An item of one game. */
export interface PlacedItem {
  /** As games print it: `mug 2`. */
  readonly name: string;
  readonly kind: string;
  /** Name of the receptacle it is in or on when the game begins. */
  readonly receptacle: string;
  /** Whether that is its kind's habitual receptacle. */
  readonly isHabitual: boolean;
}

/** What is where when a game begins. The agent stands apart from every receptacle, and whatever can be closed is closed. */
export interface World {
  readonly receptacles: readonly Receptacle[];
  readonly items: readonly PlacedItem[];
}

/** Places the items of one game by the house's habits, so that the task is not done already and can be done. */
export function placeItems(house: House, task: HouseTask, random: Random): World {
  const kindOf = new Map(house.receptacles.map(({ name, kind }) => [name, kind]));
  const items = house.habits.flatMap((habit): PlacedItem[] => {
    const isWanted = habit.item === task.item;
    const atLeast = isWanted && task.type === 'pick_two_obj_and_place' ? 2 : 1;
    const count = random.draw(habit.count.filter(([value]) => value >= atLeast));
    // What is merely to be moved does not lie at its goal already.
    const elsewhere =
      isWanted && !processes[task.type]
        ? habit.elsewhere.filter(([name]) => kindOf.get(name) !== task.target)
        : habit.elsewhere;

    return Array.from({ length: count }, (_, index) => {
      const isHabitual = elsewhere.length === 0 || random.chance(habitStrength);
      const receptacle = isHabitual ? habit.receptacle : random.draw(elsewhere);
      return { name: `${habit.item} ${index + 1}`, kind: habit.item, receptacle, isHabitual };
    });
  });
  return { receptacles: house.receptacles, items };
}
