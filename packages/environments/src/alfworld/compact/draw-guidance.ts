import type { Guidance } from '../expert/guidance.ts';
import { pick, shuffle } from '../expert/random.ts';
import type { Random } from '../expert/random.ts';
import { madeUpVerbs, withMadeUpVerb } from './made-up-verbs.ts';
import { bankGuidance } from './bank-guidance.ts';
import * as make from './make-guidance.ts';
import type { PlayableGame } from './playable-game.ts';

/** What a demonstration's prompt teaches to read. */
export const demonstrationForms = ['none', 'facts', 'order', 'earlier', 'procedure', 'avoid'] as const;
export type DemonstrationForm = (typeof demonstrationForms)[number];

/** A game together with what its prompt will say. */
export interface GuidedGame {
  readonly game: PlayableGame;
  readonly form: DemonstrationForm;
  /** How the guidance was made, such as `true`, `wrong` or `irrelevant`; for counting, never in the prompt. */
  readonly variant: string;
  readonly guidance: readonly Guidance[];
}

/** Other games to take an earlier success or facts from. */
export interface RelatedGames {
  /** Games of the same house, where the game has one. */
  readonly sameHouse: readonly PlayableGame[];
  /** Games with the same kind of task and object. */
  readonly sameGoal: readonly make.EarlierGame[];
  readonly any: readonly make.EarlierGame[];
}

/**
 * Draws guidance of a form for a game: right, wrong or irrelevant, alone or among other lines.
 *
 * @returns `undefined` when the game cannot carry the form (a procedure needs a treatment).
 */
export function drawGuidance(
  form: DemonstrationForm,
  game: PlayableGame,
  related: RelatedGames,
  random: Random,
): GuidedGame | undefined {
  const drawn = drawForm(form, game, related, random);
  if (!drawn) return undefined;
  // A bank's lines have an order that tells: the likeliest first.
  if (drawn.variant === 'bank') return { ...drawn, form };
  const extra = form === 'none' ? [] : drawExtra(drawn.game, random);
  return { ...drawn, form, guidance: shuffle(random, [...drawn.guidance.flatMap(separateLines), ...extra]) };
}

type Drawn = Omit<GuidedGame, 'form'>;

function drawForm(
  form: DemonstrationForm,
  game: PlayableGame,
  related: RelatedGames,
  random: Random,
): Drawn | undefined {
  switch (form) {
    case 'none':
      return drawNone(game, random);
    case 'facts':
      return drawFacts(game, related, random);
    case 'order':
      return random() < 0.5
        ? { game, variant: 'counted', guidance: [make.countedOrder(game, random)] }
        : { game, variant: 'random', guidance: [make.randomOrder(game, random)] };
    case 'earlier':
      return drawEarlier(game, related, random);
    case 'procedure':
      return drawProcedure(game, random);
    case 'avoid':
      return drawAvoid(game, random);
    default:
      return form satisfies never;
  }
}

function drawNone(game: PlayableGame, random: Random): Drawn {
  const madeUp = random() < 0.2 ? withMadeUpVerb(game, pick(random, madeUpVerbs.train)) : undefined;
  return { game: madeUp ?? game, variant: (madeUp ?? game).madeUp ? 'verb' : 'plain', guidance: [] };
}

function drawFacts(game: PlayableGame, related: RelatedGames, random: Random): Drawn {
  const choice = random();
  if (choice < 0.12) {
    return {
      game,
      variant: 'irrelevant',
      guidance: [make.irrelevantFacts(game, random, 1 + Math.floor(random() * 3))],
    };
  }
  if (choice < 0.25) return { game, variant: 'wrong', guidance: [make.wrongFacts(game, random)] };
  if (choice < 0.65 && related.sameHouse.length > 0) {
    return { game, variant: 'bank', guidance: bankGuidance(game, related.sameHouse, random) };
  }
  const distractors = random() < 0.5 ? make.irrelevantFacts(game, random, 1 + Math.floor(random() * 3)) : {};
  return { game, variant: 'true', guidance: [make.trueFacts(game, random), distractors] };
}

function drawEarlier(game: PlayableGame, related: RelatedGames, random: Random): Drawn | undefined {
  const choice = random();
  const [variant, pool]: readonly [string, readonly make.EarlierGame[]] =
    choice < 0.35
      ? (['same game', [game]] as const)
      : choice < 0.65 && related.sameHouse.length > 0
        ? (['same house', related.sameHouse] as const)
        : choice < 0.85 && related.sameGoal.length > 0
          ? (['same goal', related.sameGoal] as const)
          : (['unrelated', related.any] as const);
  const earlier = pick(random, pool);
  return earlier && earlier.walkthrough.length > 0
    ? { game, variant, guidance: [make.earlierSuccess(earlier)] }
    : undefined;
}

function drawProcedure(game: PlayableGame, random: Random): Drawn | undefined {
  const madeUp = game.madeUp ? game : withMadeUpVerb(game, pick(random, madeUpVerbs.train));
  const procedure = madeUp && make.trueProcedure(madeUp);
  if (!procedure) return undefined;
  const others = random() < 0.5 ? make.otherProcedures(random, madeUpVerbs.train, 1 + Math.floor(random() * 2)) : [];
  const facts = random() < 0.3 ? [make.trueFacts(madeUp, random)] : [];
  return {
    game: madeUp,
    variant: facts.length > 0 ? 'with facts' : 'alone',
    guidance: [procedure, ...others, ...facts],
  };
}

function drawAvoid(game: PlayableGame, random: Random): Drawn | undefined {
  const choice = random();
  const appliance = make.avoidAppliance(game, random);
  if (appliance && choice < 0.85) return { game, variant: 'appliance', guidance: [appliance] };
  const madeUp = game.madeUp ? game : withMadeUpVerb(game, pick(random, madeUpVerbs.train));
  const meaning = madeUp && make.avoidMeaning(madeUp, random);
  if (meaning && choice < 0.8) return { game: madeUp, variant: 'meaning', guidance: [meaning] };
  const place = make.avoidPlace(game, random);
  return place && { game, variant: 'place', guidance: [place] };
}

/** Lines that a full bank shows beside the one that helps: about another object, another verb, another search. */
function drawExtra(game: PlayableGame, random: Random): Guidance[] {
  const choice = random();
  if (choice < 0.1) return separateLines(make.irrelevantFacts(game, random, 1 + Math.floor(random() * 3)));
  if (choice < 0.16) return make.otherProcedures(random, madeUpVerbs.train, 1);
  if (choice < 0.2) return separateLines(make.trueFacts(game, random));
  if (choice < 0.28) return [make.otherOrder(game, random)];
  return [];
}

/** Each fact on its own, so that lines of several entries can be mixed. */
function separateLines(guidance: Guidance): Guidance[] {
  if (!guidance.facts) return Object.keys(guidance).length > 0 ? [guidance] : [];
  return guidance.facts.map((fact) => ({ facts: [fact] }));
}
