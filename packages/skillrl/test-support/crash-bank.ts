import { join } from 'node:path';

import { silentLogger, type Embedder, type EntryStore, type Lesson } from '@skillrl/core';
import { savedIndexFiles, restoreVectorIndex, sqlite, vectorIndex } from '@skillrl/drivers';
import { openEntryIndex, type EntryIndex, type EntryIndexPorts } from '@skillrl/memory';

export interface CrashBank {
  readonly entries: EntryStore;
  readonly ports: EntryIndexPorts;
  /** Why a saved one was not used. */
  readonly reasons: string[];
  open(): Promise<EntryIndex>;
  close(): Promise<void>;
}

/** A bank with saved indexes in a folder, as writers and those who verify open it. */
export function crashBank(folder: string): CrashBank {
  const store = sqlite({ path: join(folder, 'bank.db') });
  const reasons: string[] = [];
  const warn = (_: string, fields?: Readonly<Record<string, unknown>>): void =>
    void reasons.push(String(fields?.['reason']));
  const ports: EntryIndexPorts = {
    entries: store.entries,
    embedder: letterEmbedder,
    // Small enough that graphs are built, saved and compacted too, where they can be.
    createVectorIndex: (dimensions, saved) =>
      saved === undefined
        ? vectorIndex({ dimensions, exactUpTo: 60 })
        : restoreVectorIndex({ dimensions, exactUpTo: 60 }, saved),
    savedIndexes: savedIndexFiles({ folder: join(folder, 'indexes') }),
    logger: { ...silentLogger, warn },
  };
  return {
    entries: store.entries,
    ports,
    reasons,
    open: async () => openEntryIndex(ports, { namespace: 'default', revision: await store.entries.revision() }),
    close: () => store.close(),
  };
}

// The parts below are made by hand, since loading `@skillrl/testing` would take a killed process longer than all that it does.

/** A lesson that only the word `wordOf(id)` finds for sure. */
export function crashLesson(id: string, version: number): Lesson {
  return {
    id,
    version,
    namespace: 'default',
    scope: 'task',
    cluster: 'crash',
    kind: 'lesson',
    title: `${wordOf(id)} version ${version} of some mug`,
    body: {
      pointOfFailure: 'The process was killed.',
      flawedDecision: 'write in place',
      correction: 'write aside and rename',
      principle: 'A file is whole or it is not there.',
      appliesWhen: 'something is saved',
    },
    evidence: [],
    status: 'active',
    tokens: 30,
    madeBy: { method: 'person' },
    createdAt: 0,
  };
}

export function wordOf(id: string): string {
  return `q${id.replaceAll('-', 'q')}q`;
}

/** Counts pairs of letters in 48 buckets. */
const letterEmbedder: Embedder = {
  id: 'letters-48',
  dimensions: 48,
  embed: async (texts) =>
    texts.map((text) => {
      const vector = new Float32Array(48);
      for (let at = 1; at < text.length; at += 1)
        vector[(text.charCodeAt(at - 1) * 31 + text.charCodeAt(at)) % 48]! += 1;
      const length = Math.hypot(...vector);
      return vector.map((value) => value / length);
    }),
};
