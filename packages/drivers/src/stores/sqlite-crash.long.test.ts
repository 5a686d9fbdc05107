import { describe, expect, it } from 'vitest';

import { killRounds } from '../../test-support/kill-rounds.ts';

const rounds = 100;

/** The short version stands in `sqlite-crash.test.ts`. */
describe('sqlite', () => {
  it(`loses no acknowledged write when its processes are killed, ${rounds} times`, async () => {
    const acknowledged = await killRounds(rounds);
    console.log(`${rounds} rounds, ${acknowledged} writes acknowledged, none lost`);
    expect(acknowledged).toBeGreaterThan(rounds * 10);
  }, 900_000);
});
