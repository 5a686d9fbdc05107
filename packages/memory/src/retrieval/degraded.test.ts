import { EmbedderError, IndexError, type Embedder, type VectorIndex } from '@skillrl/core';
import { hashEmbedder, memoryEntryStore } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { gardening, heating, ids, recallerOver, task } from '../../test-support/small-bank.ts';
import { createRecaller } from './create-recaller.ts';
import { exactVectors } from './exact-vectors.ts';

describe('a failing embedder', () => {
  const failing: Embedder = {
    ...hashEmbedder(),
    embed: () => Promise.reject(new EmbedderError({ code: 'EMBEDDER_FAILED', message: 'no table' })),
  };
  const hanging: Embedder = { ...hashEmbedder(), embed: () => new Promise(() => {}) };

  it('leaves the lexical half to answer, and the note says so', async () => {
    const { recaller } = await recallerOver([heating, gardening], {}, failing);
    const { entries, recall } = await recaller.recall({ task });
    expect(ids(entries)).toEqual(['heating']);
    expect(recall.degraded).toContain('lexical only');
    expect(recall.degraded).toContain('no table');
  });

  it('is not waited for longer than its timeout', async () => {
    const { recaller } = await recallerOver([heating], { embedTimeoutMs: 20 }, hanging);
    const startedAt = performance.now();
    const { entries, recall } = await recaller.recall({ task });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(ids(entries)).toEqual(['heating']);
    expect(recall.degraded).toContain('timed out after 20 ms');
  });

  it('is asked again, and the note is clean once it answers', async () => {
    let isDown = true;
    const flaky: Embedder = {
      ...hashEmbedder(),
      embed: (...request) => (isDown ? failing.embed(...request) : hashEmbedder().embed(...request)),
    };
    const { recaller } = await recallerOver([heating], {}, flaky);
    expect((await recaller.recall({ task })).recall.degraded).toBeDefined();
    isDown = false;
    expect((await recaller.recall({ task })).recall.degraded).toBeUndefined();
  });

  it('does not hide that the caller gave up', async () => {
    const { recaller } = await recallerOver([heating], { embedTimeoutMs: 60_000 }, hanging);
    const controller = new AbortController();
    controller.abort();
    await expect(recaller.recall({ task, signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('is no matter without one: lexical by choice is not degraded', async () => {
    const store = memoryEntryStore();
    await store.commit({ namespace: 'default', reason: 'test', put: [heating] });
    const recaller = createRecaller({ entries: store }, { namespace: 'default', withholdProbability: 0 });
    const { entries, recall } = await recaller.recall({ task });
    expect(ids(entries)).toEqual(['heating']);
    expect(recall.degraded).toBeUndefined();
  });
});

describe('a failing vector index', () => {
  it('is left out, named in the note, and built anew', async () => {
    const store = memoryEntryStore();
    await store.commit({ namespace: 'default', reason: 'test', put: [heating] });
    let opened = 0;
    const createVectorIndex = (dimensions: number): VectorIndex => {
      opened += 1;
      const index = exactVectors(dimensions);
      const broken = (): never => {
        throw new IndexError({ code: 'INDEX_BROKEN', message: 'bad link' });
      };
      return opened === 1 ? { ...index, search: broken } : index;
    };
    const recaller = createRecaller(
      { entries: store, embedder: hashEmbedder(), createVectorIndex },
      { namespace: 'default', withholdProbability: 0 },
    );
    const first = await recaller.recall({ task });
    expect(ids(first.entries)).toEqual(['heating']);
    expect(first.recall.degraded).toContain('bad link');
    const second = await recaller.recall({ task });
    expect(second.recall.degraded).toBeUndefined();
    expect(opened).toBe(2);
  });
});
