import type { Guidance } from '../expert/guidance.ts';
import { createNoisyExpert } from '../expert/noisy-expert.ts';
import { quiet } from '../expert/noise.ts';
import type { Noise } from '../expert/noise.ts';
import type { Random } from '../expert/random.ts';
import type { SearchStyle } from '../expert/search.ts';
import { compactObservation } from './compact-observation.ts';
import { compactTask } from './compact-task.ts';
import type { DemonstrationForm, GuidedGame } from './draw-guidance.ts';
import type { PlayableGame, TaskKind } from './playable-game.ts';
import { renderGuidance } from './render-entries.ts';
import { actionCue, renderAction, renderConfidence, renderHead } from './transcript.ts';

/** `action` is learnt, `noise` and `context` are not (or hardly), `confidence` is the line `sure N`. */
export type SegmentKind = 'context' | 'action' | 'noise' | 'confidence';

/** A played episode as training text. The segments' texts, joined, are exactly what stands before the policy at play. */
export interface Demonstration {
  readonly id: string;
  readonly source: 'official' | 'generated';
  readonly form: DemonstrationForm;
  readonly variant: string;
  readonly kind: TaskKind;
  readonly steps: number;
  readonly segments: readonly (readonly [text: string, kind: SegmentKind])[];
}

/** Success measured with an earlier policy, by `form|kind` (`facts|heat`), in [0, 1]. */
export type SuccessTable = Readonly<Record<string, number>>;

export interface DemonstrationOptions {
  /** Default 50, the task's own limit. */
  readonly maxSteps?: number;
  /** Decides what the `sure` line says; without it the line is drawn around 6, so that its form is learnt. */
  readonly success?: SuccessTable;
  /** Whether the expert knows where things usually are. Default `uninformed`: that is for memory to find out. */
  readonly search?: SearchStyle['search'];
}

/**
 * Plays one game with an expert that follows the guidance, with errors drawn anew for each episode.
 *
 * @returns `undefined` when the episode was not won within the steps, or was won by guessing a made-up verb anew after a wrong guess.
 */
export function makeDemonstration(
  guided: GuidedGame,
  random: Random,
  options: DemonstrationOptions = {},
): Demonstration | undefined {
  const { game, guidance } = guided;
  const maxSteps = options.maxSteps ?? 50;
  const expert = createNoisyExpert(game.firstObservation, drawNoise(random), {
    instruction: game.instruction,
    search: options.search ?? 'uninformed',
    seed: Math.floor(random() * 2 ** 31),
    guidance,
  });
  const session = game.start();
  const confidence = renderConfidence(drawConfidence(guided, random, options.success));
  const segments: [string, SegmentKind][] = [[headOf(game, guidance), 'context']];
  // Sometimes left out, so that a player may go on without asking for it.
  if (random() < 0.8) segments.push([confidence, 'confidence']);
  let pending = '';
  for (let steps = 1; steps <= maxSteps; steps += 1) {
    const command = expert.next();
    const { isErring } = expert;
    const { observation, won } = session.step(command);
    expert.observe(command, observation);
    segments.push([`${pending}${actionCue}`, 'context'], [renderAction(command), isErring ? 'noise' : 'action']);
    if (won) {
      const { id, source, kind } = game;
      return { id, source, form: guided.form, variant: guided.variant, kind, steps, segments };
    }
    // A wrong meaning is not recovered from: prompts that tell it wrongly would otherwise do no harm, and harm must be measurable.
    if (expert.belief.disproved.size > 0) return undefined;
    pending = ` ${compactObservation(observation)}\n`;
  }
  return undefined;
}

/** The prompt's fixed part for a game and what is told about it. */
export function headOf(game: PlayableGame, guidance: readonly Guidance[]): string {
  return renderHead(compactTask(game.instruction, game.firstObservation), renderGuidance(guidance));
}

/** Half of the episodes are clean; the others have bursts of commands that do nothing, and some wrong turns. */
function drawNoise(random: Random): Noise {
  if (random() < 0.45) return quiet;
  return { burst: 0.03 + 0.12 * random() ** 2, wrongTurn: random() < 0.5 ? 0.06 * random() : 0, forgetting: 0 };
}

function drawConfidence(guided: GuidedGame, random: Random, success: SuccessTable | undefined): number {
  const measured = success?.[`${guided.form}|${guided.game.kind}`];
  // Rounded up or down by chance, so that the mean said is the share measured.
  if (measured !== undefined) return Math.min(10, Math.floor(measured * 10 + random()));
  return 4 + Math.floor((random() + random()) * 2.5);
}
