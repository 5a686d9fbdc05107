// The text that the small policy reads and writes.
export { compactObservation } from './compact-observation.ts';
export { compactTask } from './compact-task.ts';
export { renderEntries, renderGuidance } from './render-entries.ts';
export {
  actionCue,
  firstTurnThatFits,
  parseConfidence,
  renderAction,
  renderConfidence,
  renderHead,
  renderObservation,
  renderPrompt,
  type CompactTurn,
} from './transcript.ts';
export { compactPolicy, type CompactPolicyOptions } from './compact-policy.ts';

// What it is trained on.
export { generateDemonstrations, type GenerateOptions } from './generate-demonstrations.ts';
export type { Demonstration, SegmentKind, SuccessTable } from './demonstrations.ts';
export { relabel, type RelabelOptions } from './relabel.ts';

// How it is measured.
export { evaluate, evaluationRows, type EvaluationRow } from './evaluation-guidance.ts';
export { createGameLibrary, type GameLibrary, type GameSpec } from './game-library.ts';
export { createPlaySession, type PlaySession } from './play-session.ts';
