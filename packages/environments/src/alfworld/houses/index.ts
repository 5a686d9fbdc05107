// Houses and their games.
export { generateHouse, scenes, sceneWeights } from './generate-house.ts';
export type { Habit, House, Receptacle } from './house.ts';
export {
  generateGame,
  madeUpVerbShare,
  type GameOptions,
  type GeneratedGame,
  type MadeUpVerb,
} from './generate-game.ts';
export type { PlacedItem, World } from './world.ts';
export { habitStrength } from './habits.ts';
export { processes, tasksOf, taskTypes, type HouseTask, type TaskType } from './tasks.ts';
export type { Scene, SceneName } from './scenes/scene.ts';

// Rules that can only be learned by failing.
export {
  appliances,
  dialectShare,
  refusalShare,
  type Dialect,
  type HouseRules,
  type Process,
  type Refusal,
} from './rules.ts';
export { commonVerbs, reservedVerbs } from './verbs.ts';

// Panels that never intersect.
export { gameHash, layoutHash } from './canonical.ts';
export { panelNames, type PanelName } from './panel-name.ts';
export { panelOf } from './panel-of.ts';
export { drawPanel, type Panel, type PanelOptions } from './draw-panel.ts';
