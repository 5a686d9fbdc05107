import type { EntryStore } from '@skillrl/core';
import { describe, expect, it } from 'vitest';

/** What keeping vectors must do, and naming the embedder that serves, whatever the store. */
export function testStoredVectors(opened: () => Promise<EntryStore>): void {
  describe('vectors', () => {
    it('are kept by embedder and text', async () => {
      const store = await opened();
      const vectors = new Map([
        ['h1', Float32Array.of(0.5, -0.25, 1e-30)],
        ['h2', Float32Array.of(1, 2, 3)],
      ]);
      await store.cacheVectors('compact-1', vectors);
      expect(await store.cachedVectors('compact-1', ['h2', 'h1', 'h3'])).toEqual(vectors);
      expect(await store.cachedVectors('another', ['h1'])).toEqual(new Map());
      expect(await store.cachedVectors('compact-1', [])).toEqual(new Map());
      await store.cacheVectors('compact-1', new Map());
      expect(await store.revision()).toBe(0);
    });

    it('are replaced when they come again', async () => {
      const store = await opened();
      await store.cacheVectors('e', new Map([['h', Float32Array.of(1, 0)]]));
      await store.cacheVectors('e', new Map([['h', Float32Array.of(0, 1)]]));
      expect((await store.cachedVectors('e', ['h'])).get('h')).toEqual(Float32Array.of(0, 1));
    });

    it('come in thousands', async () => {
      const store = await opened();
      const many = new Map(Array.from({ length: 2500 }, (_, number) => [`h${number}`, Float32Array.of(number, 1)]));
      await store.cacheVectors('e', many);
      expect(await store.cachedVectors('e', [...many.keys()])).toEqual(many);
    });
  });

  describe('vectors that cannot be compared', () => {
    it.each([
      ['a number that is not finite', Float32Array.of(1, Number.NaN), 'VECTOR_NOT_FINITE'],
      ['an infinite number', Float32Array.of(1, Infinity), 'VECTOR_NOT_FINITE'],
      ['a negative infinite number', Float32Array.of(1, -Infinity), 'VECTOR_NOT_FINITE'],
      ['no direction', Float32Array.of(0, 0), 'VECTOR_ZERO'],
    ])('are refused for %s, with all that come along', async (_what, vector, code) => {
      const store = await opened();
      const vectors = new Map([
        ['good', Float32Array.of(1, 0)],
        ['bad', vector],
      ]);
      await expect(store.cacheVectors('e', vectors)).rejects.toMatchObject({ code });
      expect(await store.cachedVectors('e', ['good', 'bad'])).toEqual(new Map());
    });
  });

  describe('the serving embedder', () => {
    it('is none until one is set, and each namespace has its own', async () => {
      const store = await opened();
      expect(await store.servingEmbedder('default')).toBeUndefined();
      expect(await store.setServingEmbedder('default', 'compact-1', undefined)).toBe(true);
      expect(await store.servingEmbedder('default')).toBe('compact-1');
      expect(await store.servingEmbedder('other')).toBeUndefined();
    });

    it('changes only for one who knows which it was', async () => {
      const store = await opened();
      await store.setServingEmbedder('default', 'compact-1', undefined);
      expect(await store.setServingEmbedder('default', 'other', undefined)).toBe(false);
      expect(await store.setServingEmbedder('default', 'other', 'wrong')).toBe(false);
      expect(await store.servingEmbedder('default')).toBe('compact-1');
      expect(await store.setServingEmbedder('default', 'other', 'compact-1')).toBe(true);
      expect(await store.servingEmbedder('default')).toBe('other');
    });
  });
}
