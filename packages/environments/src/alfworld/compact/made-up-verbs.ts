import { seedOf } from '../expert/random.ts';
import type { PlayableGame } from './playable-game.ts';
import { goalOf } from './playable-game.ts';

/**
 * Made-up verbs: one or two syllables that are no word of the language. A fifth, chosen by hash, is kept for tests and never
 * appears in demonstrations.
 */
export const madeUpVerbs: { readonly train: readonly string[]; readonly test: readonly string[] } = divide(allVerbs());

function allVerbs(): string[] {
  const onsets = ['b', 'bl', 'd', 'dr', 'f', 'fl', 'g', 'gl', 'gr', 'j', 'k', 'kr', 'm', 'n', 'p', 'pl', 'r', 'sn', 'sp', 'st', 't', 'tr', 'v', 'w', 'z'];
  const rimes = ['ab', 'ax', 'ef', 'eg', 'ib', 'im', 'ock', 'og', 'ub', 'ux'];
  const endings = ['', '', 'le', 'o', 'ish'];
  const words = onsets.flatMap((onset, first) =>
    rimes.map((rime, second) => onset + rime + endings[(first * 3 + second * 7) % endings.length]!),
  );
  const real = new Set(['drab', 'drub', 'flab', 'flog', 'flock', 'fib', 'fog', 'grab', 'grub', 'gib', 'jab', 'jib', 'job', 'kib', 'meg', 'nab', 'nib', 'peg', 'pub', 'rib', 'rim', 'rub', 'snog', 'snub', 'spock', 'stab', 'stock', 'stub', 'tab', 'tax', 'tub', 'trim', 'block', 'blog', 'blab', 'clog', 'wax', 'dab', 'dim', 'dock', 'dog', 'dub', 'beg', 'bib', 'bog', 'fax', 'gab', 'glib', 'glim', 'grim', 'grog', 'plug', 'pax', 'zax', 'wog', 'vim', 'veg', 'rib', 'keg', 'kim', 'bleg', 'frock', 'rock', 'mock', 'mob']);
  return words.filter((word) => !real.has(word));
}

function divide(words: readonly string[]): { train: string[]; test: string[] } {
  const isTest = (word: string): boolean => seedOf(word) % 5 === 0;
  return { train: words.filter((word) => !isTest(word)), test: words.filter(isTest) };
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
