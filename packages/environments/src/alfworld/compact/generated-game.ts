import { compileGame, playGame } from '../engine/index.ts';
import type { GeneratedGame, House } from '../houses/index.ts';
import { parseGoal } from '../expert/goal.ts';
import { startPlay } from './official-game.ts';
import { kindOf } from './playable-game.ts';
import type { PlayableGame } from './playable-game.ts';

/** A game of a generated house, ready to play. @throws {RangeError} when its goal is of no known type. */
export function playableGeneratedGame(game: GeneratedGame, house: House): PlayableGame {
  const goal = parseGoal(game.instruction);
  if (!goal) throw new RangeError(`Game ${game.id} has no goal of a known type: ${game.instruction}`);
  const compiled = compileGame(game);
  return {
    id: game.id,
    source: 'generated',
    family: game.family,
    instruction: game.instruction,
    kind: kindOf(goal, game.verb?.means),
    walkthrough: game.walkthrough,
    firstObservation: playGame(compiled).reset().observation,
    truth: game.world.items.map(({ name, receptacle }) => ({ object: name, receptacle })),
    rules: house.rules,
    ...(game.verb && { madeUp: { verb: game.verb.word, means: game.verb.means } }),
    start: () => startPlay(compiled),
  };
}
