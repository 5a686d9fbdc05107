import { EmbedderError, type Embedder, type EntryStore } from '@skillrl/core';
import { aLesson, hashEmbedder, memoryEntryStore } from '@skillrl/testing';
import { describe, expect, it, vi } from 'vitest';

import { gardening, heating, task } from '../../test-support/small-bank.ts';
import { reembed } from '../reembed.ts';
import { createRecaller } from './create-recaller.ts';
import type { RecallPorts } from './recaller.ts';

const old = hashEmbedder({ dimensions: 64 });
const next = hashEmbedder({ dimensions: 32 });

/** Notes every text it embeds as a document or a question. */
function noting(embedder: Embedder): Embedder & { readonly texts: string[] } {
  const texts: string[] = [];
  return {
    ...embedder,
    texts,
    embed: (asked, options) => (texts.push(...asked), embedder.embed(asked, options)),
  };
}

async function bank(): Promise<EntryStore> {
  const entries = memoryEntryStore();
  await entries.commit({ namespace: 'default', reason: 'test', put: [heating, gardening] });
  return entries;
}

function recallerOf(ports: RecallPorts) {
  return createRecaller(ports, { namespace: 'default', withholdProbability: 0, embedTimeoutMs: 5_000 });
}

describe('the embedder that serves a bank', () => {
  it('is the first one that gave vectors for its entries', async () => {
    const entries = await bank();
    await recallerOf({ entries, embedder: old }).recall({ task });
    expect(await entries.servingEmbedder('default')).toBe(old.id);
    const prepared = await bank();
    await recallerOf({ entries: prepared, embedder: next }).prepare();
    expect(await prepared.servingEmbedder('default')).toBe(next.id);
  });

  it('is none yet after one that failed, or over an empty bank', async () => {
    const failure = new EmbedderError({ code: 'EMBEDDER_FAILED', message: 'no' });
    const failing: Embedder = { ...old, embed: () => Promise.reject(failure) };
    for (const [entries, embedder] of [
      [await bank(), failing],
      [memoryEntryStore(), old],
      [await bank(), undefined],
    ] as const) {
      const recaller = recallerOf({ entries, embedder });
      await recaller.prepare();
      await recaller.recall({ task });
      expect(await entries.servingEmbedder('default')).toBeUndefined();
    }
  });

  it('is made from its id for a memory that was opened with another, which then embeds nothing', async () => {
    const entries = await bank();
    await entries.setServingEmbedder('default', old.id, undefined);
    const [own, made] = [noting(next), noting(old)];
    const close = vi.fn(async () => {});
    const embedderOf = (id: string) => (id === old.id ? { ...made, close } : undefined);
    const recaller = recallerOf({ entries, embedder: own, embedderOf });
    const { recall } = await recaller.recall({ task });
    expect(recall.degraded).toBeUndefined();
    expect(recall.shown.map(({ entryId }) => entryId)).toContain('heating');
    expect(own.texts).toEqual([]);
    expect(made.texts).not.toEqual([]);
    expect(await entries.servingEmbedder('default')).toBe(old.id);
    await recaller.close();
    expect(close).toHaveBeenCalledOnce();
  });

  it('leaves words to answer, with the reason and what to do, where it cannot be made', async () => {
    const entries = await bank();
    await entries.setServingEmbedder('default', old.id, undefined);
    const own = noting(next);
    const recaller = recallerOf({ entries, embedder: own });
    const { entries: found, recall } = await recaller.recall({ task });
    expect(found.map(({ id }) => id)).toEqual(['heating']);
    expect(recall.degraded).toContain(`'${old.id}'`);
    expect(recall.degraded).toContain('lexical only');
    expect(recall.degraded).toContain('skillrl bank embed');
    expect(own.texts).toEqual([]);
    const { candidates } = await recaller.explain({ task });
    expect(candidates.every(({ similarity }) => similarity === undefined)).toBe(true);
  });

  it('goes on serving while another embeds, and gives way in an open memory when that is done', async () => {
    const entries = await bank();
    const [before, after] = [noting(old), noting(next)];
    const recaller = recallerOf({
      entries,
      embedder: before,
      embedderOf: (id) => (id === next.id ? after : undefined),
    });
    await recaller.recall({ task });
    let during: string | undefined;
    const slow: Embedder = {
      ...next,
      embed: async (texts, options) => {
        during ??=
          (await recaller.recall({ task: { ...task, instruction: 'water the tulips' } })).recall.degraded ?? '';
        return next.embed(texts, options);
      },
    };
    await reembed({ entries, embedder: slow }, { namespace: 'default' });
    expect(during).toBe('');
    expect(after.texts).toEqual([]);
    // The first question after the change may still be answered by the old one.
    await vi.waitFor(async () => {
      const { recall } = await recaller.recall({
        task: { ...task, instruction: `cool a plate ${after.texts.length}` },
      });
      expect(recall.degraded).toBeUndefined();
      expect(after.texts.some((text) => text.startsWith('cool a plate'))).toBe(true);
    });
    const asked = before.texts.length;
    await recaller.recall({ task: { ...task, instruction: 'wash a cup' } });
    expect(before.texts).toHaveLength(asked);
    // Every vector was in the store: the new one embedded questions alone.
    expect(after.texts.every((text) => text.startsWith('cool a plate') || text === 'wash a cup')).toBe(true);
    await recaller.close();
  });

  it('is each namespace’s own', async () => {
    const entries = await bank();
    await entries.commit({ namespace: 'other', reason: 'test', put: [aLesson({ id: 'x', namespace: 'other' })] });
    await recallerOf({ entries, embedder: old }).recall({ task });
    const other = createRecaller({ entries, embedder: next }, { namespace: 'other', embedTimeoutMs: 5_000 });
    expect((await other.recall({ task })).recall.degraded).toBeUndefined();
    expect(await entries.servingEmbedder('other')).toBe(next.id);
    expect(await entries.servingEmbedder('default')).toBe(old.id);
  });
});
