import type { PanelName } from './panel-name.ts';
import type { HouseRules } from './rules.ts';
import type { SceneName } from './scenes/scene.ts';

/** Something to put things in or on; it stands at the same place in every game of its house. */
export interface Receptacle {
  /** As games print it: `cabinet 3`. */
  readonly name: string;
  /** `cabinet`. */
  readonly kind: string;
  /** Where one stands to reach it. Receptacles that share a location are reached together. */
  readonly location: number;
}

/** What a house's items have in common over all its games. */
export interface Habit {
  /** Kind of item: `mug`. */
  readonly item: string;
  /** Where one of its kind is found with probability `habitStrength`: `cabinet 3`. */
  readonly receptacle: string;
  /** How many a game has, and how often. */
  readonly count: readonly (readonly [count: number, weight: number])[];
  /** Where it is found otherwise. */
  readonly elsewhere: readonly (readonly [receptacle: string, weight: number])[];
}

/** A room that persists: its games differ in task and placements, but share layout, habits and rules. */
export interface House {
  /** Scene and ten hexadecimal digits: `kitchen-3fa07c21d0`. */
  readonly id: string;
  readonly seed: string;
  readonly scene: SceneName;
  /** The panel that alone may use it; follows from the layout. */
  readonly panel: PanelName;
  readonly receptacles: readonly Receptacle[];
  readonly habits: readonly Habit[];
  readonly rules: HouseRules;
}
