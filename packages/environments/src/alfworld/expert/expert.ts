import { createBelief, observe } from './belief.ts';
import type { Belief } from './belief.ts';
import { decide } from './decide.ts';
import type { ExpertOptions } from './expert-options.ts';

/** A player of ALFWorld that knows only what it was told and what it observed. */
export interface Expert {
  readonly belief: Belief;
  /** The next command; the same until something is observed. */
  next(): string;
  /** Tells it what was done (by itself or by another) and what came of it. */
  observe(command: string, answer: string): void;
}

/**
 * @param firstObservation - the text of the reset, with the room and the goal sentence.
 * @param options.search - `informed` wins nearly every official game; `uninformed` knows nothing of where things usually are.
 * @param options.instruction - the goal sentence, when it differs from the one in the text.
 * @throws {RangeError} when the goal sentence is of none of the six task types.
 */
export function createExpert(
  firstObservation: string,
  options: Partial<ExpertOptions> & { readonly instruction?: string } = {},
): Expert {
  const belief = createBelief(firstObservation, options.instruction);
  const settings: ExpertOptions = { search: 'informed', seed: 0, guidance: [], ...options };
  return {
    belief,
    next: () => decide(belief, settings),
    observe: (command, answer) => observe(belief, command, answer),
  };
}
