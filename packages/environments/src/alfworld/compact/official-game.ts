import { compileGame, type GameFile, playGame } from '../engine/index.ts';
import { entityNames } from '../engine/names.ts';
import { parseGoal } from '../expert/goal.ts';
import { parseTaskSentence } from '../expert/observation.ts';
import { kindOf } from './playable-game.ts';
import type { Placement, PlayableGame } from './playable-game.ts';

/** An official game, ready to play. @throws {RangeError} when its goal is of no known type. */
export function playableOfficialGame(id: string, file: GameFile): PlayableGame {
  const compiled = compileGame(file);
  const firstObservation = playGame(compiled).reset().observation;
  const instruction = parseTaskSentence(firstObservation) ?? '';
  const goal = parseGoal(instruction);
  if (!goal) throw new RangeError(`Game ${id} has no goal of a known type: ${instruction}`);
  return {
    id,
    source: 'official',
    instruction,
    kind: kindOf(goal),
    walkthrough: file.walkthrough ?? [],
    firstObservation,
    truth: placementsOf(file.pddl_problem),
    start: () => startPlay(compiled),
  };
}

/** A new play of a compiled game. */
export function startPlay(compiled: ReturnType<typeof compileGame>): ReturnType<PlayableGame['start']> {
  const play = playGame(compiled);
  play.reset();
  return {
    step(command) {
      const { observation, done } = play.step(command);
      return { observation, won: done };
    },
  };
}

/** Where a problem puts its objects at the start, by the names that players see. */
export function placementsOf(problem: string): Placement[] {
  const lower = problem.toLowerCase();
  const initial = lower.slice(lower.indexOf('(:init'), lower.indexOf('(:goal'));
  const names = entityNames(new Set(initial.match(/[^\s()]+_bar_[^\s()]+/g)));
  return [...initial.matchAll(/\(inreceptacle ([^\s()]+) ([^\s()]+)\)/g)].map((match) => ({
    object: names.get(match[1]!)!,
    receptacle: names.get(match[2]!)!,
  }));
}
