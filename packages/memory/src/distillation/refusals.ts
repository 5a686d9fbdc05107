import type { Instead } from '@skillrl/core';

import { fetchVerbs } from './handling.ts';
import { classOf, namesClass } from './names.ts';
import type { Trace, TraceStep } from './trace.ts';

/** An act that did nothing although the agent stood where it had to and held what it needed. */
export interface Refusal {
  readonly step: TraceStep;
  /** The act that worked instead, on another thing of the same class, where the trace shows one. */
  readonly worked?: TraceStep;
}

/**
 * Acts on a held object that an appliance refused: `heat mug 1 with microwave 1` did nothing in front of microwave 1.
 *
 * @param goal - the instruction. A thing it names is a destination: what will not go into it is another matter.
 */
export function refusalsIn(trace: Trace, goal: string): Refusal[] {
  const fetching = fetchVerbs(trace);
  const held = new Set<string>();
  const refusals = new Map<string, Refusal>();
  let at: string | undefined;
  for (const step of trace.steps) {
    const [object, appliance] = step.things;
    if (object === undefined) continue;
    if (appliance === undefined) {
      if (step.effect === true) at = object;
      continue;
    }
    if (step.effect === true) held.add(object);
    const couldAct = held.has(object) && at === appliance;
    const isTreatment = !fetching.has(step.verb) && !namesClass(goal, classOf(appliance));
    if (step.effect === false && couldAct && isTreatment && !refusals.has(step.action))
      refusals.set(step.action, { step, worked: workedElsewhere(step, trace) });
  }
  return [...refusals.values()];
}

/** `avoid A : do B` of every refusal that the trace itself resolves. */
export function resolvedRefusals(trace: Trace, goal: string): Instead[] {
  return refusalsIn(trace, goal).flatMap(({ step, worked }) =>
    worked ? [{ avoid: step.action, do: worked.action }] : [],
  );
}

function workedElsewhere(refused: TraceStep, { steps }: Trace): TraceStep | undefined {
  return steps.find(
    (step) => step.effect === true && step.pattern === refused.pattern && step.things.at(-1) !== refused.things.at(-1),
  );
}
