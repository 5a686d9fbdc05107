import type { Episode, Outcome } from '@skillrl/core';
import { anEpisode, verifiedFailure, verifiedSuccess } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { idleInLost } from './idle-steps.ts';

/** A play of which each step changed something, did not, or did not tell. */
function play(outcome: Outcome, changed: readonly (boolean | undefined)[]): Episode {
  const episode = anEpisode({ outcome });
  const [step] = episode.steps;
  return { ...episode, steps: changed.map((one, index) => ({ ...step!, index, changed: one })) };
}

describe('idleInLost', () => {
  it('counts the steps of lost plays, those that were cut off too, and no others', () => {
    const plays = [
      play(verifiedFailure, [true, false, false, undefined]),
      play({ status: 'truncated', limit: 'steps' }, [true]),
      play(verifiedSuccess, [false, false]),
      play({ status: 'errored', error: { code: 'X', message: 'x' } }, [false]),
    ];
    expect(idleInLost(plays)).toBe(0.5);
  });

  it('says nothing where none was lost, or the environment does not tell', () => {
    expect(idleInLost([play(verifiedSuccess, [false])])).toBeUndefined();
    expect(idleInLost([play(verifiedFailure, [undefined])])).toBeUndefined();
  });
});
