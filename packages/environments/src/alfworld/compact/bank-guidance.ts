import { applianceOf, classOf, treatments } from '../expert/goal.ts';
import type { Guidance } from '../expert/guidance.ts';
import { pick, shuffle } from '../expert/random.ts';
import type { Random } from '../expert/random.ts';
import * as make from './make-guidance.ts';
import { goalOf } from './playable-game.ts';
import type { PlayableGame } from './playable-game.ts';

/**
 * What a bank that watched earlier games of a house tells about the next one: where each wanted kind of object was found, the most frequent
 * place first (it may be elsewhere today), and now and then what else holds in the house: its verbs, its refusing appliances, a search
 * order, an earlier success, facts about other objects.
 *
 * @param earlier - games of the same house; at least one.
 */
export function bankGuidance(game: PlayableGame, earlier: readonly PlayableGame[], random: Random): Guidance[] {
  const goal = goalOf(game);
  const watched = shuffle(random, earlier).slice(0, 1 + Math.floor(random() * 5));
  const guidance: Guidance[] = foundPlaces(watched, goal.object, random);
  if (goal.kind === 'look') guidance.push(...foundPlaces(watched, goal.destination, random).slice(0, 2));
  if (random() < 0.4) {
    const others = make.irrelevantFacts(watched[0]!, random, 1 + Math.floor(random() * 2)).facts ?? [];
    guidance.push(...others.filter((fact) => classOf(fact.subject) !== goal.object).map((fact) => ({ facts: [fact] })));
  }
  if (random() < 0.5) guidance.push(...houseRules(game, random));
  if (random() < 0.3) guidance.push(make.countedOrder(game, random));
  const success = pick(random, watched);
  const lines = random() < 0.4 && success.walkthrough.length > 0 ? [make.earlierSuccess(success)] : [];
  return random() < 0.5 ? [...lines, ...guidance] : [...guidance, ...lines];
}

/** One fact a place where the class was found, at most four, the most frequent first. */
function foundPlaces(watched: readonly PlayableGame[], objectClass: string, random: Random): Guidance[] {
  const seen = watched.flatMap(({ truth }) => truth.filter(({ object }) => classOf(object) === objectClass));
  const byPlace = Map.groupBy(shuffle(random, seen), ({ receptacle }) => receptacle);
  return [...byPlace.values()]
    .sort((one, other) => other.length - one.length)
    .slice(0, 1 + Math.floor(random() * 4))
    .map(([first]) => ({ facts: [{ subject: first!.object, relation: 'in', object: first!.receptacle }] }));
}

/** Meanings of the house's verbs and a warning of the appliance that refuses, whether or not this game needs them. */
function houseRules({ rules }: PlayableGame, random: Random): Guidance[] {
  const guidance: Guidance[] = [];
  const { dialect, refusal } = rules ?? {};
  if (dialect) {
    for (const treatment of treatments) {
      const means = `${treatment} with ${applianceOf[treatment]}`;
      if (random() < 0.7) guidance.push({ procedures: [{ name: dialect[treatment], means }] });
    }
  }
  if (refusal) {
    const object = pick(random, ['mug 1', 'plate 1', 'egg 1', 'cup 2', 'potato 1', 'tomato 1', 'bowl 1', 'apple 2']);
    const command = (appliance: string): string => `${refusal.process} ${object} with ${appliance}`;
    guidance.push({ instead: [{ avoid: command(pick(random, refusal.refuses)), do: command(refusal.works) }] });
  }
  return guidance;
}
