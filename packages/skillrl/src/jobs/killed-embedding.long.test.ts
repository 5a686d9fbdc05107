import { describe, expect, it } from 'vitest';

import { killEmbedding } from '../../test-support/kill-embedding.ts';

describe('embedding a bank anew', () => {
  it('loses nothing, embeds nothing twice beyond the batch in flight and leaves the old one serving, killed 100 times', async () => {
    const killed = await killEmbedding(100);
    expect(killed).toMatchObject({ kills: 100, early: 0, lostEntries: 0, lostVectors: 0, integrity: 'ok' });
    expect(killed.repeated).toBeLessThanOrEqual(killed.explained);
  }, 600_000);
});
