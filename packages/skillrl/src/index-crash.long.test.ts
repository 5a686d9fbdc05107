import { describe, expect, it } from 'vitest';

import { crashIndexes } from '../test-support/index-crashes.ts';

describe('a saved index', () => {
  it('misses no acknowledged write after its process was killed, 100 times', async () => {
    const { acknowledged, saves, restored } = await crashIndexes(100, 2);
    console.log(
      `${acknowledged} acknowledged writes, ${saves} saves, opened from what was saved ${restored} times of 100`,
    );
    expect(restored).toBeGreaterThan(80);
  }, 1_800_000);
});
