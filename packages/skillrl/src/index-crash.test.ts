import { describe, expect, it } from 'vitest';

import { crashIndexes } from '../test-support/index-crashes.ts';

describe('a saved index', () => {
  it('misses no acknowledged write after its process was killed, 20 times', async () => {
    const { acknowledged, saves, restored } = await crashIndexes(20, 1);
    expect(acknowledged).toBeGreaterThan(40);
    expect(saves).toBeGreaterThan(5);
    expect(restored).toBeGreaterThan(10);
  }, 240_000);
});
