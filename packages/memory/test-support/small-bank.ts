import type { BankEntry, Embedder } from '@skillrl/core';
import { aDemonstration, aLesson, aPrinciple, aTask, hashEmbedder, memoryEntryStore } from '@skillrl/testing';

import { createRecaller } from '../src/retrieval/create-recaller.ts';
import type { RecallerOptions } from '../src/retrieval/recaller.ts';

/** A task of house-1, and entries for it, for its neighbour, and for the garden. */
export const task = aTask({ instruction: 'put a hot mug in the cabinet', family: 'house-1' });
export const houses = (family: string) => ({ environments: ['house'], families: [family] });

export const mugFacts = aPrinciple({
  id: 'facts-1',
  title: 'Where things are in house-1',
  conditions: houses('house-1'),
  machine: {
    facts: [
      { subject: 'mug 1', relation: 'in', object: 'cabinet 3' },
      { subject: 'plate 1', relation: 'in', object: 'shelf 1' },
    ],
  },
  body: { principle: 'Things tend to be where they were found.', appliesWhen: 'A task needs something found.' },
});
export const heating = aDemonstration({
  id: 'heating',
  title: 'put a hot mug in the cabinet (house-1)',
  conditions: houses('house-1'),
});
export const elsewhere = aDemonstration({ id: 'elsewhere', conditions: houses('house-2') });
export const lesson = aLesson({ id: 'lesson' });
export const gardening = aPrinciple({
  id: 'gardening',
  title: 'Water tulips at dawn',
  body: { principle: 'Tulips drink best before the sun is up.', appliesWhen: 'flowers are to be watered' },
});

/** A recaller over a bank with these entries, which withholds nothing unless it is told to. */
export async function recallerOver(
  entries: readonly BankEntry[],
  options: Partial<RecallerOptions> = {},
  embedder: Embedder | undefined = hashEmbedder(),
) {
  const store = memoryEntryStore();
  for (const [namespace, put] of Map.groupBy(entries, (entry) => entry.namespace)) {
    await store.commit({ namespace, reason: 'test', put });
  }
  const recaller = createRecaller(
    { entries: store, embedder },
    { namespace: 'default', withholdProbability: 0, ...options },
  );
  return { store, recaller };
}

export const ids = (entries: readonly { readonly id: string }[]): string[] => entries.map(({ id }) => id);
