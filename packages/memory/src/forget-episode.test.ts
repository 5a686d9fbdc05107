import type { EpisodeSketch } from '@skillrl/testing';
import {
  aDemonstration,
  aLesson,
  aTask,
  episodeEvents,
  memoryEntryStore,
  memoryEpisodeStore,
  scriptedChatModel,
  someEvidence,
  verifiedFailure,
} from '@skillrl/testing';
import { expect, it } from 'vitest';

import { chatModelDistiller } from './distillation/chat-model.ts';
import { learn } from './distillation/learn.ts';
import { forgetEpisode } from './forget-episode.ts';
import { exportBank } from './portability/export-bank.ts';
import { kitchenView, told, type Line } from '../test-support/kitchen.ts';

const namespace = 'default';
const task = aTask({ instruction: 'put a mug in cabinet.', family: 'house-1' });

const fetchFrom = (place: string): readonly Line[] => [
  [`go to ${place}`, `On the ${place}, you see a mug 1.`],
  [`take mug 1 from ${place}`],
  ['go to cabinet 1', 'On the cabinet 1, you see nothing.'],
  ['move mug 1 to cabinet 1'],
];

async function learned(...sketches: EpisodeSketch[]) {
  const [episodes, entries] = [memoryEpisodeStore(), memoryEntryStore()];
  for (const sketch of sketches)
    await episodes.append(episodeEvents({ task, initialObservation: kitchenView, ...sketch }));
  await learn({ episodes, entries }, { namespace });
  const all = async () => Array.fromAsync((await entries.view(namespace)).list());
  const forget = (id: string) => forgetEpisode({ episodes, entries }, id, { namespace });
  return { episodes, entries, all, forget };
}

it('leaves nothing of an episode that was all the evidence', async () => {
  const { episodes, all, forget } = await learned({ id: 'e1', steps: told(fetchFrom('drawer 1')) });
  expect((await all()).length).toBeGreaterThan(1);
  const report = await forget('e1');
  expect(report.events).toBeGreaterThan(0);
  expect(report.removed.length).toBeGreaterThan(1);
  expect(await all()).toEqual([]);
  expect(await episodes.episode('e1')).toBeUndefined();
});

it('makes what others support again from the others alone', async () => {
  const { all, forget } = await learned(
    { id: 'e1', startedAt: 1_000, steps: told(fetchFrom('drawer 1')) },
    { id: 'e2', startedAt: 2_000, steps: told(fetchFrom('countertop 1')) },
    { id: 'e3', startedAt: 3_000, steps: told(fetchFrom('countertop 1')) },
  );
  const report = await forget('e1');
  expect(report.removed).toHaveLength(1);
  expect(report.rederived.length).toBeGreaterThan(0);
  const left = await all();
  expect(JSON.stringify(left)).not.toContain('drawer 1');
  expect(JSON.stringify(left)).not.toContain('e1');
  const facts = left.find(({ madeBy }) => madeBy.method === 'counted-facts');
  expect(facts).toMatchObject({
    version: 2,
    parentVersion: 1,
    machine: { facts: [{ subject: 'mug 1', object: 'countertop 1' }] },
  });
  expect(facts?.evidence.map(({ episodeId }) => episodeId)).toEqual(['e2', 'e3']);
});

it('keeps a demonstration that another episode shows as well, without the forgotten evidence', async () => {
  const steps = told(fetchFrom('drawer 1'));
  const { all, forget } = await learned({ id: 'e1', steps }, { id: 'e2', steps });
  await forget('e1');
  const demonstration = (await all()).find(({ kind }) => kind === 'demonstration');
  expect(demonstration?.evidence.map(({ episodeId }) => episodeId)).toEqual(['e2']);
});

it('reaches a lesson that told of a forgotten success, and finds what the failure teaches without it', async () => {
  const search: readonly Line[] = [
    ['go to shelf 1', 'On the shelf 1, you see a fork 1.'],
    ['go to shelf 2', 'On the shelf 2, you see a fork 2.'],
  ];
  const { all, forget } = await learned(
    { id: 'good', steps: told(fetchFrom('drawer 1')) },
    { id: 'bad', steps: told(search), outcome: verifiedFailure },
  );
  expect(JSON.stringify((await all()).filter(({ kind }) => kind === 'lesson'))).toContain('drawer 1');
  await forget('good');
  const lessons = (await all()).filter(({ kind }) => kind === 'lesson');
  expect(lessons).toHaveLength(1);
  expect(JSON.stringify(lessons)).not.toContain('drawer 1');
});

it('takes out what only a model or a person could write again', async () => {
  const draft = {
    title: 't',
    pointOfFailure: 'p',
    flawedDecision: 'f',
    correction: 'c',
    principle: 'p',
    appliesWhen: 'a',
    citations: [{ step: 0, action: 'look' }],
    objects: [],
  };
  const [episodes, entries] = [memoryEpisodeStore(), memoryEntryStore()];
  for (const id of ['e1', 'e2'])
    await episodes.append(episodeEvents({ id, steps: [{ action: 'look' }], outcome: verifiedFailure }));
  const model = scriptedChatModel([JSON.stringify(draft), JSON.stringify(draft)]);
  await learn({ episodes, entries }, { namespace, distillers: [chatModelDistiller({ model })] });
  const person = aLesson({
    id: 'written',
    madeBy: { method: 'person' },
    evidence: [someEvidence({ episodeId: 'e1' })],
  });
  await entries.commit({ namespace, reason: 'test', put: [person, aDemonstration({ id: 'free' })] });
  const report = await forgetEpisode({ episodes, entries }, 'e1', { namespace });
  expect(report.removed).toContain('written');
  expect(report.removed).toHaveLength(2);
  expect((await Array.fromAsync((await entries.view(namespace)).list())).map(({ id }) => id)).toEqual(['free']);
});

it('names the exports that hold the episode, or an entry that rested on it, and no distillation', async () => {
  const { episodes, entries, forget } = await learned(
    { id: 'e1', steps: told(fetchFrom('drawer 1')) },
    { id: 'e2', task: aTask({ family: 'house-2' }) },
  );
  const clock = { now: () => 1 };
  for await (const _line of exportBank({ entries, namespace, episodes, destination: 'bank.jsonl', clock }));
  await episodes.registerExport({ id: 'batch', kind: 'training-batch', destination: 'run 1', at: 1 }, [
    { episodeId: 'e1' },
  ]);
  await episodes.registerExport({ id: 'other', kind: 'training-batch', destination: 'run 2', at: 1 }, [
    { episodeId: 'e2' },
  ]);
  const { exports } = await forget('e1');
  expect(exports.map(({ kind, destination }) => `${kind} ${destination}`).toSorted()).toEqual([
    "jsonl bank 'default' at revision 1 to bank.jsonl",
    'training-batch run 1',
  ]);
});

it('does no harm when it is repeated, or asked about an episode that never was', async () => {
  const { entries, all, forget } = await learned(
    { id: 'e1', steps: told(fetchFrom('drawer 1')) },
    { id: 'e2', steps: told(fetchFrom('drawer 1')) },
  );
  await forget('e1');
  const [before, revision] = [await all(), await entries.revision()];
  expect(await forget('e1')).toMatchObject({ events: 0, removed: [], rederived: [] });
  expect(await forget('nobody')).toMatchObject({ events: 0, removed: [], rederived: [] });
  expect(await all()).toEqual(before);
  expect(await entries.revision()).toBe(revision);
});
