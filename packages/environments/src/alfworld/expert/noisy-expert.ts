import type { ExpertOptions } from './expert-options.ts';
import { createExpert } from './expert.ts';
import type { Expert } from './expert.ts';
import { drawBurst, drawWrongTurn, forget } from './noise.ts';
import type { Noise } from './noise.ts';
import { createRandom } from './random.ts';

/** An expert that errs, and says when. */
export interface NoisyExpert extends Expert {
  /** Whether the command that `next` gave last was an error rather than its best judgement. */
  readonly isErring: boolean;
}

/** An expert with noise. Errors depend on the seed alone and on what was observed. */
export function createNoisyExpert(
  firstObservation: string,
  noise: Noise,
  options: Partial<ExpertOptions> & { readonly instruction?: string; readonly noiseSeed?: number } = {},
): NoisyExpert {
  const expert = createExpert(firstObservation, options);
  const random = createRandom((options.noiseSeed ?? options.seed ?? 0) + 1);
  let planned: string[] = [];
  let current: string | undefined;
  let isErring = false;

  function draw(): string {
    if (planned.length === 0 && random() < noise.burst) planned = drawBurst(random, expert.belief);
    if (planned.length === 0 && random() < noise.wrongTurn) planned = [drawWrongTurn(random, expert.belief)];
    if (random() < noise.forgetting) forget(random, expert.belief);
    const error = planned.shift();
    isErring = error !== undefined;
    return error ?? expert.next();
  }

  return {
    belief: expert.belief,
    get isErring() {
      return isErring;
    },
    next: () => (current ??= draw()),
    observe: (command, answer) => {
      current = undefined;
      expert.observe(command, answer);
    },
  };
}
