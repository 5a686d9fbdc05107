// A player that knows only what it was told and what it observed, and one that errs.
export { createExpert, type Expert } from './expert.ts';
export type { ExpertOptions } from './expert-options.ts';
export type { SearchStyle } from './search.ts';
export { createNoisyExpert, type NoisyExpert } from './noisy-expert.ts';
export { clumsy, quiet, type Noise } from './noise.ts';

// What it reads: goals, observations, entries.
export { parseGoal, type Goal, type Treatment } from './goal.ts';
export {
  parseCommand,
  parseReceptacle,
  parseRoom,
  parseTaskSentence,
  type Command,
  type ReceptacleView,
} from './observation.ts';
export { guidanceFromEntry, type EarlierSuccess, type Guidance } from './guidance.ts';
