import { join } from 'node:path';

import type { Embedder, Lesson } from '../../../packages/core/src/index.ts';
import { compact, createVectorIndex, savedIndexFiles, sqlite } from '../../../packages/drivers/src/index.ts';
import { createRecaller, type EntryIndexPorts, type Recaller } from '../../../packages/memory/src/index.ts';

export type EmbedderName = 'compact' | 'random-384';

/** A bank in a folder as a program would open it. */
export interface OpenBank {
  readonly ports: EntryIndexPorts;
  readonly recaller: Recaller;
  close(): Promise<void>;
}

export function openBank(folder: string, name: EmbedderName, isSaved = true): OpenBank {
  const store = sqlite({ path: join(folder, 'bank.db') });
  const embedder = name === 'compact' ? compact() : randomEmbedder();
  const ports: EntryIndexPorts = {
    entries: store.entries,
    embedder,
    createVectorIndex,
    ...(isSaved && { checkpoints: savedIndexFiles({ folder: join(folder, 'checkpoints') }) }),
  };
  const recaller = createRecaller(ports, { namespace: 'default', withholdProbability: 0 });
  const close = async (): Promise<void> => {
    await recaller.close();
    await store.close();
  };
  return { ports, recaller, close };
}

const verbs = ['heat', 'clean', 'cool', 'put', 'find', 'open', 'take', 'move', 'examine', 'slice'];
const things = ['mug', 'plate', 'spoon', 'apple', 'towel', 'book', 'lamp', 'knife', 'bread', 'egg', 'pan', 'cup'];
const places = ['cabinet', 'shelf', 'drawer', 'fridge', 'sink', 'table', 'desk', 'sofa', 'bed', 'safe', 'stove'];
const syllables = ['ka', 'lo', 'mi', 'ren', 'tu', 'sva', 'pol', 'dri', 'zen', 'qua', 'fer', 'ha', 'ost', 'il', 'nu'];

/** Lesson `number` of a bank: some forty words, a few common, a few of its own. */
export function lesson(number: number): Lesson {
  const pick = <Item>(items: readonly Item[], salt: number): Item =>
    items[(Math.imul(number + 1, 2_654_435_761 + salt * 40_503) >>> 7) % items.length]!;
  const [verb, thing, place] = [pick(verbs, 1), pick(things, 2), pick(places, 3)];
  const rare = `${pick(syllables, 4)}${pick(syllables, 5)}${pick(syllables, 6)}`;
  const area = `${pick(syllables, 7)}${pick(syllables, 8)}`;
  return {
    id: `lesson_${number.toString(36).padStart(22, '0')}`,
    version: 1,
    namespace: 'default',
    scope: 'task',
    cluster: `${verb}_${thing}`,
    kind: 'lesson',
    title: `${verb} the ${thing} before going to the ${place} of the ${area}`,
    body: {
      pointOfFailure: `The ${thing} was put into the ${place} too early.`,
      flawedDecision: `go to ${place} ${number % 9}`,
      correction: `${verb} ${thing} first`,
      principle: `Change the state of the ${thing} with ${rare} tools before bringing it to the ${place}; look at the ${pick(places, 9)} next.`,
      appliesWhen: `the goal asks to ${verb} some ${thing} and ${pick(verbs, 10)} it near the ${area} ${place}`,
    },
    ...(number % 3 === 0 && { conditions: { families: [`house-${number % 40}`] } }),
    evidence: [{ episodeId: `e${number}`, taskId: `t${number}`, hash: `${number}`, trusted: true }],
    status: 'active',
    tokens: 70,
    madeBy: { method: 'contrastive' },
    createdAt: 1000 + number,
  };
}

/** 384 numbers of a text: a stand-in for a larger embedder, as quick as possible. */
function randomEmbedder(): Embedder {
  const dimensions = 384;
  return {
    id: 'random-384',
    dimensions,
    embed: async (texts) =>
      texts.map((text) => {
        const vector = new Float32Array(dimensions);
        for (const word of text.toLowerCase().split(/\W+/)) {
          let state = 7;
          for (let at = 0; at < word.length; at += 1) state = Math.imul(state ^ word.charCodeAt(at), 0x01000193);
          for (let at = 0; at < dimensions; at += 1) {
            state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + at;
            vector[at]! += (state >> 8) / 2 ** 23;
          }
        }
        const length = Math.hypot(...vector);
        return length === 0 ? vector : vector.map((value) => value / length);
      }),
  };
}
