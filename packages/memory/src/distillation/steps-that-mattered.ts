import { classOf, namesClass } from './names.ts';
import type { Trace, TraceStep } from './trace.ts';

/**
 * The steps of a success without which it would not have come about, as far as the trace shows.
 *
 * Steps without effect and loops back to an earlier state are cut. Where things have names, what is left is the chain that leads to the last
 * step: going backwards, a step is kept when it acts on something that a later kept step needs. Without names all effective steps are kept.
 *
 * @param goal - the instruction: what it names is needed.
 */
export function stepsThatMattered(trace: Trace, goal: string): TraceStep[] {
  const effective = withoutLoops(trace.steps.filter(hasEffect));
  if (effective.length === 0) return trace.steps.slice(-1);
  if (trace.places.size === 0) return effective;
  return withoutSupersededMoves(causalChain(effective, trace, goal), trace.places);
}

function hasEffect(step: TraceStep, position: number, steps: readonly TraceStep[]): boolean {
  if (step.effect !== undefined) return step.effect;
  const previous = steps[position - 1];
  return previous?.action !== step.action || previous.observation !== step.observation;
}

/** When a step leads back to a state that an earlier one had led to, nothing between the two mattered. */
function withoutLoops(steps: readonly TraceStep[]): TraceStep[] {
  const kept: TraceStep[] = [];
  for (const step of steps) {
    const same = step.stateKey === undefined ? -1 : kept.findIndex(({ stateKey }) => stateKey === step.stateKey);
    if (same >= 0) kept.length = same + 1;
    else kept.push(step);
  }
  return kept;
}

function causalChain(steps: readonly TraceStep[], { found, places }: Trace, goal: string): TraceStep[] {
  const needed = new Set<string>();
  const need = (thing: string): void => {
    needed.add(thing);
    const place = found.get(thing)?.fact.object;
    if (place !== undefined) needed.add(place);
  };
  for (const thing of steps.at(-1)?.things ?? []) need(thing);
  for (const { things } of steps) {
    for (const thing of things) if (!places.has(thing) && namesClass(goal, classOf(thing))) need(thing);
  }
  const kept: TraceStep[] = [];
  for (const step of steps.toReversed()) {
    if (!isNeeded(step, needed, places)) continue;
    step.things.forEach(need);
    kept.unshift(step);
  }
  return kept;
}

/** An act on an object is needed for the object's sake, not because it happens at a place that something else needs. */
function isNeeded({ things }: TraceStep, needed: ReadonlySet<string>, places: ReadonlySet<string>): boolean {
  if (things.length === 0) return true;
  const objects = things.filter((thing) => !places.has(thing));
  return (objects.length > 0 ? objects : things).some((thing) => needed.has(thing));
}

/** Going somewhere and then straight on to somewhere else was for nothing. */
function withoutSupersededMoves(steps: readonly TraceStep[], places: ReadonlySet<string>): TraceStep[] {
  const isMove = (step: TraceStep | undefined): boolean => step?.things.length === 1 && places.has(step.things[0]!);
  return steps.filter((step, position) => {
    const next = steps[position + 1];
    return !(isMove(step) && isMove(next) && step.verb === next?.verb);
  });
}
