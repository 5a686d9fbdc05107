import { seedOf } from '../expert/random.ts';
import { commonVerbs, reservedVerbs } from '../houses/index.ts';
import type { PlayableGame } from './playable-game.ts';
import { goalOf } from './playable-game.ts';

/**
 * Made-up verbs for demonstrations: those of generated houses, and many more of random syllables, so that a policy learns to read a new
 * word rather than these. `test` holds words that never appear in demonstrations.
 */
export const madeUpVerbs: { readonly train: readonly string[]; readonly test: readonly string[] } = {
  train: [...commonVerbs, ...syllableWords().filter((word) => !isReserved(word))],
  test: [
    ...reservedVerbs,
    ...syllableWords().filter((word) => isReserved(word) && !reservedVerbs.includes(word as never)),
  ],
};

function isReserved(word: string): boolean {
  return reservedVerbs.includes(word as never) || seedOf(word) % 8 === 0;
}

// Two syllables that no word of the closed language has together.
function syllableWords(): string[] {
  const onsets = [
    'bl',
    'd',
    'dr',
    'f',
    'fl',
    'gl',
    'gr',
    'j',
    'k',
    'kr',
    'm',
    'n',
    'pl',
    'r',
    'sn',
    'sp',
    't',
    'tr',
    'v',
    'w',
    'z',
  ];
  const middles = ['abb', 'amp', 'eft', 'egg', 'ibb', 'imp', 'ock', 'ogg', 'ulk', 'uzz'];
  const endings = ['a', 'ev', 'ish', 'le', 'o'];
  return onsets.flatMap((onset) => middles.flatMap((middle) => endings.map((ending) => onset + middle + ending)));
}

/**
 * The same game with its treatment named by a made-up verb: `heat some mug and put it in shelf` → `dax some mug and put it in shelf`.
 *
 * @returns `undefined` for games without a treatment, and for those whose verb is made up already.
 */
export function withMadeUpVerb(game: PlayableGame, verb: string): PlayableGame | undefined {
  const goal = goalOf(game);
  if (!goal.treatment) return undefined;
  return {
    ...game,
    instruction: `${verb} some ${goal.object} and put it in ${goal.destination}.`,
    madeUp: { verb, means: goal.treatment },
  };
}
