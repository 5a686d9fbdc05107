import { createExpert } from '../expert/expert.ts';
import type { Expert } from '../expert/expert.ts';
import type { Guidance } from '../expert/guidance.ts';
import { compactObservation } from './compact-observation.ts';
import { headOf } from './demonstrations.ts';
import type { GameSession, PlayableGame } from './playable-game.ts';
import { actionCue, firstTurnThatFits, renderObservation, renderPrompt } from './transcript.ts';
import type { CompactTurn } from './transcript.ts';

/** One play as the small policy sees it: text in, text out. */
export interface PlaySession {
  readonly game: PlayableGame;
  readonly guidance: readonly Guidance[];
  /** The prompt before the first generated token. */
  readonly head: string;
  readonly actions: readonly string[];
  readonly done: boolean;
  readonly won: boolean;
  /** What an expert with the same guidance would do now; `undefined` when it has no good answer. */
  advise(): string | undefined;
  /** Plays an action and gives what follows it in the prompt. */
  step(action: string): PlayStep;
}

export interface PlayStep {
  /** From the end of the action to the next generated token; with `restart`, the whole prompt, because old turns were dropped. */
  readonly text: string;
  readonly restart: boolean;
}

export interface PlaySessionOptions {
  /** Default 50. */
  readonly maxSteps?: number;
  /** Decides the order in which the advising expert searches. Default 0. */
  readonly seed?: number;
  /** Words and line ends a prompt may have before old turns are dropped. Default 940, which stays below 1,024 tokens. */
  readonly limit?: number;
}

export function createPlaySession(
  game: PlayableGame,
  guidance: readonly Guidance[],
  options: PlaySessionOptions = {},
): PlaySession {
  const { maxSteps = 50, seed = 0, limit = 940 } = options;
  const head = headOf(game, guidance);
  const session: GameSession = game.start();
  const expert: Expert = createExpert(game.firstObservation, {
    instruction: game.instruction,
    search: 'uninformed',
    finishesClass: true,
    seed,
    guidance,
  });
  const turns: CompactTurn[] = [];
  const actions: string[] = [];
  let firstTurn = 0;
  let won = false;

  return {
    game,
    guidance,
    head,
    actions,
    get done() {
      return won || actions.length >= maxSteps;
    },
    get won() {
      return won;
    },
    advise: () => (expert.belief.disproved.size > 0 ? undefined : expert.next()),
    step(action) {
      const command = action.trim();
      const answer = session.step(command);
      expert.observe(command, answer.observation);
      actions.push(command);
      won ||= answer.won;
      const turn = { action: command, observation: compactObservation(answer.observation) };
      turns.push(turn);
      const first = firstTurnThatFits(head, turns, firstTurn, limit, countWords);
      const restart = first !== firstTurn;
      firstTurn = first;
      return { text: restart ? renderPrompt(head, '', turns, first) : renderObservation(turn.observation), restart };
    },
  };
}

/** Words and line ends, about the number of tokens. */
export function countWords(text: string): number {
  return (text.match(/[^ \n]+|\n/g) ?? []).length;
}

export { actionCue };
