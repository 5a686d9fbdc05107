import type { Random } from './random.ts';
import type { SceneName } from './scenes/scene.ts';

/** What is done to an item on its way. */
export type Process = 'heat' | 'cool' | 'clean';

/** The kind of receptacle that does it. */
export const appliances: Readonly<Record<Process, string>> = { heat: 'microwave', cool: 'fridge', clean: 'sinkbasin' };

/** Of several alike appliances one works; at the others the command is not admissible and `Nothing happens.` */
export interface Refusal {
  readonly process: Process;
  /** `microwave 2` */
  readonly works: string;
  /** `['microwave 1', 'microwave 3']` */
  readonly refuses: readonly string[];
}

/** What the people of a house call the processes: `{ heat: 'dax', cool: 'wug', clean: 'fep' }`. */
export type Dialect = Readonly<Record<Process, string>>;

/** What holds in every game of a house and can only be learned there, by failing. */
export interface HouseRules {
  readonly refusal?: Refusal;
  readonly dialect?: Dialect;
}

/** Share of kitchens, and of bathrooms, in which appliances refuse. */
export const refusalShare: Readonly<Partial<Record<SceneName, number>>> = { kitchen: 0.5, bathroom: 0.3 };
/** Share of kitchens that have a dialect. Bathrooms have none: all they can do is clean. */
export const dialectShare = 0.5;

/** Draws whether, and how, the appliances of a house refuse. */
export function drawRefusal(random: Random, scene: SceneName): Refusal | undefined {
  if (!random.chance(refusalShare[scene] ?? 0)) return undefined;
  const process = scene === 'kitchen' ? random.pick(['heat', 'cool', 'clean'] as const) : 'clean';
  const copies = random.draw([[2, 1] as const, [3, 2] as const]);
  const working = 1 + random.below(copies);
  const names = Array.from({ length: copies }, (_, index) => `${appliances[process]} ${index + 1}`);
  return {
    process,
    works: `${appliances[process]} ${working}`,
    refuses: names.filter((_, index) => index + 1 !== working),
  };
}

/**
 * Draws whether a house has a dialect, and which.
 *
 * @param verbs - made-up verbs to take three from.
 */
export function drawDialect(random: Random, scene: SceneName, verbs: readonly string[]): Dialect | undefined {
  if (scene !== 'kitchen' || !random.chance(dialectShare)) return undefined;
  const [heat = '', cool = '', clean = ''] = random.shuffle(verbs);
  return { heat, cool, clean };
}
