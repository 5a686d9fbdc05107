import type { Belief } from './belief.ts';
import { applianceOf, classOf, treatments } from './goal.ts';
import type { Treatment } from './goal.ts';
import type { ExpertOptions } from './expert-options.ts';
import { meaningsOf } from './guidance.ts';
import { createRandom, shuffle } from './random.ts';

/**
 * What is still to be done to the object held before it is put down, in order; empty when it is ready.
 * For an undefined verb: what guidance says it means, else guesses in an order drawn from the seed.
 */
export function planTreatments(belief: Belief, options: ExpertOptions, held: string): Treatment[] {
  const { treatment, verb } = belief.goal;
  const carried = belief.treated.get(held) ?? new Set<Treatment>();
  if (treatment) return carried.has(treatment) ? [] : [treatment];
  if (verb === undefined) return [];
  const told = meaningsOf(options.guidance, verb).filter((meaning) => isOpen(belief, meaning));
  if (told.length > 0) return carried.has(told[0]!) ? [] : [told[0]!];
  return guess(belief, options).filter((meaning) => !carried.has(meaning));
}

/** Treatments to carry at the next attempt: one, or cleaning together with one of heating and cooling, which undo each other. */
function guess(belief: Belief, options: ExpertOptions): Treatment[] {
  const order = shuffle(createRandom(options.seed + 7), treatments).filter((meaning) => isOpen(belief, meaning));
  const first = order[0];
  if (first === undefined) return [];
  if ((options.guesses?.before ?? 2) === 1) return [first];
  const second = order.find((meaning) => meaning !== first && (meaning === 'clean' || first === 'clean'));
  return second === undefined ? [first] : [first, second];
}

/** Whether a meaning was neither disproved nor refused by every appliance that could give it. */
function isOpen(belief: Belief, meaning: Treatment): boolean {
  if (belief.disproved.has(meaning)) return false;
  return belief.receptacles.some(
    (receptacle) => classOf(receptacle) === applianceOf[meaning] && !belief.refused.has(`${meaning} ${receptacle}`),
  );
}
