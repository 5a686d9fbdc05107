import { describe, expect, it } from 'vitest';

import { testEmbedder } from './embedder-suite.ts';
import { hashEmbedder } from './hash-embedder.ts';

describe('hashEmbedder', () => {
  testEmbedder({ create: () => hashEmbedder() });

  it('has as many dimensions as asked for', async () => {
    const [vector] = await hashEmbedder({ dimensions: 16 }).embed(['mug']);
    expect(vector).toHaveLength(16);
  });

  it('gives the vector that other processes have given', async () => {
    const [vector] = await hashEmbedder({ dimensions: 8 }).embed(['hot']);
    expect([...vector!].map((value) => Math.round(value * 1000))).toEqual([-951, 0, 0, 0, 0, 0, 219, -219]);
  });
});
