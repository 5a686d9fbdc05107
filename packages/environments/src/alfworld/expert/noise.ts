import type { Belief } from './belief.ts';
import { classOf } from './goal.ts';
import { pick } from './random.ts';
import type { Random } from './random.ts';

/** How often an expert errs, as probabilities per turn. */
export interface Noise {
  /** A burst of commands that do nothing begins. */
  readonly burst: number;
  /** It walks to a place that does not help, or puts down what it needs. */
  readonly wrongTurn: number;
  /** It forgets what it saw in one place. */
  readonly forgetting: number;
}

/** No noise. */
export const quiet: Noise = { burst: 0, wrongTurn: 0, forgetting: 0 };

/** Enough noise that a good share of episodes fails within the step limit, in the ways a weak model fails. */
export const clumsy: Noise = { burst: 0.12, wrongTurn: 0.2, forgetting: 0.25 };

/** Commands that a weak model gives and that do nothing, one to five in a row; often the same one over and over. */
export function drawBurst(random: Random, belief: Belief): string[] {
  const length = 1 + Math.floor(random() ** 1.5 * 5);
  const first = drawInvalid(random, belief);
  const isLoop = random() < 0.5;
  return Array.from({ length }, (_, index) => (index === 0 || isLoop ? first : drawInvalid(random, belief)));
}

/** A command that the belief expects to do nothing. */
export function drawInvalid(random: Random, belief: Belief): string {
  const receptacle = pick(random, belief.receptacles);
  const at = belief.at ?? receptacle;
  const held = belief.holding ?? `${belief.goal.object} ${1 + Math.floor(random() * 3)}`;
  const size = belief.classSizes.get(classOf(receptacle))!;
  const beyond = `${classOf(receptacle)} ${size + 1 + Math.floor(random() ** 2 * 12)}`;
  const kinds: (() => string)[] = [
    () => `go to ${at}`,
    () => `go to ${beyond}`,
    () => `examine ${beyond}`,
    () => `examine ${receptacle === at ? beyond : receptacle}`,
    () => `take ${belief.goal.object} ${1 + Math.floor(random() * 3)} from ${receptacle === at ? beyond : receptacle}`,
    () => `open ${receptacle === at ? beyond : receptacle}`,
    () => `move ${held} to ${receptacle === at ? beyond : receptacle}`,
    () => `${pick(random, ['heat', 'cool', 'clean'])} ${held} with ${receptacle === at ? beyond : receptacle}`,
    () => `use desklamp ${1 + Math.floor(random() * 2)}`,
  ];
  return pick(random, kinds)();
}

/** A command that works and does not help: a walk, a useless look, a door closed, or the object put down again. */
export function drawWrongTurn(random: Random, belief: Belief): string {
  const receptacle = pick(random, belief.receptacles);
  const { at, holding } = belief;
  const choice = random();
  if (choice < 0.12 && at !== undefined) return `examine ${at}`;
  if (choice < 0.18 && at !== undefined && belief.states.get(at) === 'open') return `close ${at}`;
  if (choice < 0.26 && at !== undefined && holding !== undefined) return `move ${holding} to ${at}`;
  if (choice < 0.3) return pick(random, ['look', 'inventory']);
  return `go to ${receptacle === at ? pick(random, belief.receptacles) : receptacle}`;
}

/** Makes the belief lose what it saw in one receptacle without an object that matters. */
export function forget(random: Random, belief: Belief): void {
  const seen = [...belief.contents.keys()];
  if (seen.length > 0) belief.contents.delete(pick(random, seen));
}
