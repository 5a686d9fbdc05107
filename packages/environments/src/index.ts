// ALFWorld behind the Environment port, and how it speaks to models.
export { alfworld, type AlfworldOptions } from './alfworld/alfworld.ts';
export { houseGame, officialGame, type AlfworldGame } from './alfworld/alfworld-game.ts';
export { alfworldPrompts } from './alfworld/prompts.ts';
export { alfworldTaskType, type AlfworldTaskType } from './alfworld/task-type.ts';
export { compactPolicy, type CompactPolicyOptions } from './alfworld/compact/compact-policy.ts';
export { gameExpert, type GameExpert } from './alfworld/compact/demonstrate-game.ts';
export { compactRenderer } from './alfworld/compact/compact-renderer.ts';
export { observedFacts } from './alfworld/observed-facts.ts';

// Official games on disk, and what the official release holds.
export {
  openGames,
  splits,
  withCommandStyle,
  type CommandStyle,
  type GameRecord,
  type Games,
  type OpenGamesOptions,
} from './alfworld/load/index.ts';
export { releaseArchive, releaseChecksums, splitChecksum, type SplitChecksum } from './alfworld/release.ts';

// The engine: plays any game file.
export {
  compileGame,
  playGame,
  type CompiledGame,
  type GameFile,
  type GamePlay,
  type GameSnapshot,
  type Turn,
} from './alfworld/engine/index.ts';

// Houses worth remembering, and their games.
export {
  drawPanel,
  generateGame,
  generateHouse,
  panelNames,
  type GeneratedGame,
  type House,
  type Panel,
  type PanelName,
  type PanelOptions,
} from './alfworld/houses/index.ts';

// A tiny environment for tests and documentation.
export { corridor, type CorridorOptions } from './corridor/corridor.ts';
