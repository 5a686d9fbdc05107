import { createExpert } from '../expert/expert.ts';
import type { Expert } from '../expert/expert.ts';
import { classOf } from '../expert/goal.ts';
import type { Guidance } from '../expert/guidance.ts';
import { parseCommand } from '../expert/observation.ts';
import { compactObservation } from './compact-observation.ts';
import { headOf } from './demonstrations.ts';
import type { Demonstration, SegmentKind } from './demonstrations.ts';
import type { PlayableGame } from './playable-game.ts';
import { actionCue, renderAction, renderConfidence } from './transcript.ts';

export interface RelabelOptions {
  /** Decides the expert's search order. Default 0. */
  readonly seed?: number;
  /** How many of the played actions are kept. Default: up to the first time that three of the last four were poor, else two thirds. */
  readonly cut?: number;
  /** Steps that the expert may add. Default 50. */
  readonly extraSteps?: number;
}

/**
 * A play of another policy made into a demonstration: its own actions up to a cut, `noise` where they were poor and `action` where they were
 * sound, and from there the expert's way to the goal. So a policy learns what to do in the states that it gets itself into.
 *
 * @returns `undefined` when the play was won before the cut, or the expert does not win after it.
 */
export function relabel(
  game: PlayableGame,
  guidance: readonly Guidance[],
  played: readonly string[],
  options: RelabelOptions = {},
): Demonstration | undefined {
  const { seed = 0, extraSteps = 50 } = options;
  const expert = createExpert(game.firstObservation, {
    instruction: game.instruction,
    search: 'uninformed',
    finishesClass: true,
    seed,
    guidance,
  });
  const session = game.start();
  const segments: [string, SegmentKind][] = [
    [headOf(game, guidance), 'context'],
    [renderConfidence(5), 'confidence'],
  ];
  let pending = '';
  let steps = 0;

  function play(command: string, kind: SegmentKind, observation: string): void {
    expert.observe(command, observation);
    segments.push([`${pending}${actionCue}`, 'context'], [renderAction(command), kind]);
    pending = ` ${compactObservation(observation)}\n`;
    steps += 1;
  }

  const recent: boolean[] = [];
  for (const command of played.slice(0, options.cut ?? Math.ceil((played.length * 2) / 3))) {
    const { observation, won } = session.step(command);
    if (won) return undefined;
    const sound = isSound(expert, guidance, command, observation);
    play(command, sound ? 'action' : 'noise', observation);
    recent.push(sound);
    if (options.cut === undefined && recent.slice(-4).filter((good) => !good).length >= 3) break;
  }
  for (let extra = 0; extra < extraSteps; extra += 1) {
    if (expert.belief.disproved.size > 0) return undefined;
    const command = expert.next();
    const { observation, won } = session.step(command);
    play(command, 'action', observation);
    if (won) {
      const { id, source, kind } = game;
      return { id, source, form: 'none', variant: 'relabelled', kind, steps, segments };
    }
  }
  return undefined;
}

/** Whether an action was as good as the expert's own: the same, or another step of a search whose order is free. */
function isSound(expert: Expert, guidance: readonly Guidance[], command: string, observation: string): boolean {
  const advised = expert.next();
  if (command === advised) return true;
  if (observation === 'Nothing happens.' || guidance.length > 0) return false;
  const [own, best] = [parseCommand(command), parseCommand(advised)];
  const { belief } = expert;
  const isUnseen = own?.receptacle !== undefined && !belief.contents.has(own.receptacle);
  if (own?.verb === 'go' && best?.verb === 'go') return isUnseen && !belief.contents.has(best.receptacle!);
  return own?.verb === 'take' && belief.holding === undefined && classOf(own.object!) === belief.goal.object;
}
