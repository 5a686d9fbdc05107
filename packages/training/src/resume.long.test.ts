import { describe, expect, it } from 'vitest';

import { endsAlike, untouched } from '../test-support/killed-run.ts';
import type { Death } from '../test-support/mortal.ts';

describe('a run that is killed and goes on', () => {
  it('ends as if nothing had happened, whichever of its calls it dies before or after', async () => {
    const whole = await untouched();
    const differing: Death[] = [];
    for (let at = 1; at <= whole.calls; at += 1) {
      for (const when of ['before', 'after'] as const) {
        if (!(await endsAlike({ at, when }, whole.end))) differing.push({ at, when });
      }
    }
    expect(differing).toEqual([]);
  }, 600_000);
});
