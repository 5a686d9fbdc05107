import { describe, expect, it } from 'vitest';

import { killRounds } from '../../test-support/kill-rounds.ts';

const rounds = 20;

describe('sqlite', () => {
  it(`loses no acknowledged write and keeps no half of one when its processes are killed, ${rounds} times`, async () => {
    expect(await killRounds(rounds)).toBeGreaterThan(rounds);
  }, 120_000);
});
