import { EnvironmentError } from '@skillrl/core';
import { type AlfworldGame, gameExpert } from '@skillrl/environments';
import { keyedSeed } from '@skillrl/rollouts';
import type { IterationPorts } from '@skillrl/training';

/** Plays in vain until nothing more is expected, for each that is wanted: the expert without knowledge wins nine of ten games. */
const triesEach = 20;

/**
 * What imitation is trained on: plays of the built-in expert on the games of the run, tokenised piece by piece, so that what the expert did, and
 * nothing else, is told apart by its weight.
 *
 * @param encode - the policy's tokenizer.
 * @throws {EnvironmentError} `DEMONSTRATIONS_MISSING` when the expert wins too few of the games.
 */
export function expertPlays(
  games: readonly AlfworldGame[],
  encode: (text: string) => readonly number[],
): NonNullable<IterationPorts['demonstrations']> {
  const expert = gameExpert();
  return async ({ expert: search, count, seed }) => {
    const order = games.toSorted((a, b) => keyedSeed([seed, a.id]) - keyedSeed([seed, b.id]));
    const samples: { readonly ids: readonly number[]; readonly weights: readonly number[] }[] = [];
    for (let play = 0; samples.length < count; play += 1) {
      const game = order[play % order.length];
      if (game === undefined || play >= triesEach * count) throw tooFewWon(samples.length, count);
      const pieces = await expert.demonstrate(game, { search, seed: keyedSeed([seed, game.id, play]) });
      if (pieces === undefined) continue;
      const tokens = pieces.flatMap(([text, kind]) => encode(text).map((id) => ({ id, kind })));
      samples.push({
        ids: tokens.map(({ id }) => id),
        weights: tokens.map(({ kind }) => (kind === 'action' ? 1 : 0)),
      });
    }
    return samples;
  };
}

function tooFewWon(won: number, wanted: number): EnvironmentError {
  return new EnvironmentError({
    code: 'DEMONSTRATIONS_MISSING',
    message: `The expert won ${won} plays of the ${wanted} that were asked for, and the others again and again not.`,
    hint: 'Train on other games: the expert plays the six task types of ALFWorld.',
  });
}
