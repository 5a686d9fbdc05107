import { placementShare } from '../expert/placement-share.ts';
import { createRandom, pick } from '../expert/random.ts';
import type { Guidance } from '../expert/guidance.ts';
import { madeUpVerbs, withMadeUpVerb } from './made-up-verbs.ts';
import * as make from './make-guidance.ts';
import type { EarlierGame } from './make-guidance.ts';
import { goalOf } from './playable-game.ts';
import type { PlayableGame } from './playable-game.ts';

/** What a policy is told in an evaluation. All but `none` and the orders are made from a game's privileged truth, and say so by their name. */
export const evaluationRows = [
  'none',
  'facts',
  'facts-among-distractors',
  'irrelevant-facts',
  'absent-places',
  'wrong-facts',
  'order',
  'worst-order',
  'earlier-same-game',
  'earlier-same-goal',
  'earlier-unrelated',
  'avoid-place',
  'avoid-appliance',
  'verb',
  'procedure',
  'wrong-procedure',
  'avoid-meaning',
  'note',
] as const;
export type EvaluationRow = (typeof evaluationRows)[number];

/** A game as an evaluation row plays it. */
export interface EvaluatedGame {
  readonly game: PlayableGame;
  readonly guidance: readonly Guidance[];
}

/** Other games of the split, for rows that show an earlier success. */
export interface EarlierGames {
  readonly sameGoal: readonly EarlierGame[];
  readonly unrelated: readonly EarlierGame[];
}

/**
 * Prepares a game for a row. Verbs are made up from the words kept out of training.
 *
 * @returns `undefined` when the row does not apply to the game (a made-up verb needs a treatment, a refusing appliance its house).
 */
export function evaluate(
  row: EvaluationRow,
  game: PlayableGame,
  seed: number,
  earlier: EarlierGames = { sameGoal: [], unrelated: [] },
): EvaluatedGame | undefined {
  const random = createRandom(seed);
  const madeUp = (): PlayableGame | undefined =>
    game.madeUp ? game : withMadeUpVerb(game, pick(random, madeUpVerbs.test));
  const told = (guidance: Guidance | undefined, about: PlayableGame | undefined = game): EvaluatedGame | undefined =>
    guidance && about && { game: about, guidance: [guidance] };
  switch (row) {
    case 'none':
      return { game, guidance: [] };
    case 'facts':
      return told(make.trueFacts(game, random));
    case 'facts-among-distractors': {
      const facts = [
        ...(make.trueFacts(game, random).facts ?? []),
        ...(make.irrelevantFacts(game, random, 2).facts ?? []),
      ];
      return told({
        facts: facts
          .map((fact) => ({ fact, key: random() }))
          .sort((one, other) => one.key - other.key)
          .map(({ fact }) => fact),
      });
    }
    case 'irrelevant-facts':
      return told(make.irrelevantFacts(game, random, 2));
    case 'absent-places':
      return told(make.factsOfAbsentPlaces(game, random, 2));
    case 'wrong-facts':
      return told(make.wrongFacts(game, random));
    case 'order':
      return told(make.countedOrder(game, random, 4));
    case 'worst-order':
      return told(make.worstOrder(game));
    case 'earlier-same-game':
      return told(make.earlierSuccess(game));
    case 'earlier-same-goal':
      return earlier.sameGoal.length > 0 ? told(make.earlierSuccess(pick(random, earlier.sameGoal))) : undefined;
    case 'earlier-unrelated':
      return earlier.unrelated.length > 0 ? told(make.earlierSuccess(pick(random, earlier.unrelated))) : undefined;
    case 'avoid-place':
      return told(make.avoidPlace(game, random));
    case 'avoid-appliance':
      return told(make.avoidAppliance(game, random));
    case 'verb': {
      const about = madeUp();
      return about && { game: about, guidance: [] };
    }
    case 'procedure': {
      const about = madeUp();
      return told(about && make.trueProcedure(about), about);
    }
    case 'wrong-procedure': {
      const about = madeUp();
      return told(about && make.wrongProcedure(about, random), about);
    }
    case 'avoid-meaning': {
      const about = madeUp();
      return told(about && make.avoidMeaning(about, random), about);
    }
    case 'note':
      return told({ note: noteFor(game) });
    default:
      return row satisfies never;
  }
}

/** A sentence of general knowledge in a form that no demonstration has. */
function noteFor(game: PlayableGame): string {
  const { object } = goalOf(game);
  const [likely] = ['countertop', 'desk', 'shelf', 'drawer', 'cabinet', 'sidetable', 'dresser', 'diningtable'].sort(
    (one, other) => placementShare(object, other) - placementShare(object, one),
  );
  return `look for the ${object} on a ${likely} first`;
}
