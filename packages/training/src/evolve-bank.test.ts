import type { Episode } from '@skillrl/core';
import {
  aTask,
  anEpisode,
  episodeEvents,
  memoryEntryStore,
  memoryEpisodeStore,
  verifiedFailure,
} from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import type { JudgedRollouts } from './build-batch.ts';
import { evolveBank } from './evolve-bank.ts';
import { trainingRecipe } from './recipe.ts';

const { bank } = trainingRecipe({ name: 'bank' });
const namespace = 'n';

/** Plays of cups to be heated in houses of their own: so many won, so many lost by putting the cup away cold. */
function playsOf(type: string, won: number, lost: number): Episode[] {
  const task = (index: number) =>
    aTask({
      id: `${type}-${index}`,
      type,
      family: `house-${type}`,
      instruction: `put a hot mug (${type}) in the cabinet`,
    });
  const winning = Array.from({ length: won }, (_, index) =>
    anEpisode({ id: `${type}-won-${index}`, task: task(index) }),
  );
  const losing = Array.from({ length: lost }, (_, index) =>
    anEpisode({
      id: `${type}-lost-${index}`,
      task: task(index),
      outcome: verifiedFailure,
      steps: [
        { action: 'take mug 1 from table 1', observation: 'You take the mug 1.', changed: true },
        { action: 'put mug 1 in cabinet 1', observation: 'You put the mug 1.', changed: true },
        ...Array.from({ length: index + 1 }, () => ({ action: 'look', observation: 'Nothing happens.' })),
      ],
    }),
  );
  return [...winning, ...losing];
}

async function world(episodes: readonly Episode[], suspects: JudgedRollouts['decision']['suspects'] = []) {
  const store = memoryEpisodeStore();
  const entries = memoryEntryStore();
  for (const episode of episodes)
    await store.append(
      episodeEvents({ ...episode, outcome: episode.outcome ?? null, end: episode.end ?? null, steps: episode.steps }),
    );
  const scored = episodes.map((episode) => ({
    rollout: { spec: { id: episode.id }, episode },
    correct: episode.outcome?.status === 'success' ? 1 : 0,
    reward: 0,
  }));
  const groups = [{ scored, decision: { band: undefined, suspects } }] as unknown as readonly JudgedRollouts[];
  return { groups, ports: { entries, episodes: store, namespace, clock: { now: () => 1 } } };
}

describe('evolveBank', () => {
  it('learns from what fails most first, with a success of its kind beside it', async () => {
    const { groups, ports } = await world([
      ...playsOf('easy', 6, 2),
      ...playsOf('hard', 1, 5),
      ...playsOf('done', 3, 0),
    ]);
    const evolution = await evolveBank(ports, groups, 0, bank);
    expect(evolution.clusters).toEqual([
      { cluster: 'house: hard', failures: 5, plays: 6, learned: 4 },
      { cluster: 'house: easy', failures: 2, plays: 8, learned: 3 },
    ]);
    expect(evolution).toMatchObject({ from: 0, to: await ports.entries.revision() });
    const all = await Array.fromAsync((await ports.entries.view(namespace)).list());
    expect(evolution.changed).toBe(all.length);
    expect(all.map(({ kind }) => kind)).toContain('lesson');
    expect(all.flatMap(({ evidence }) => evidence.map(({ episodeId }) => episodeId)).join()).not.toContain('done');
  });

  it('stops before the next cluster once enough entries changed', async () => {
    const { groups, ports } = await world([...playsOf('easy', 6, 2), ...playsOf('hard', 1, 5)]);
    const { clusters } = await evolveBank(ports, groups, 0, { ...bank, mostChanges: 1 });
    expect(clusters.map(({ learned }) => learned)).toEqual([4, 0]);
  });

  it('changes nothing when it is done again, and the cap counts what was changed before', async () => {
    const { groups, ports } = await world([...playsOf('easy', 6, 2), ...playsOf('hard', 1, 5)]);
    const first = await evolveBank(ports, groups, 0, { ...bank, mostChanges: 1 });
    expect(await evolveBank(ports, groups, 0, { ...bank, mostChanges: 1 })).toEqual(first);
    expect(await ports.entries.revision()).toBe(first.to);
  });

  it('keeps a success that is suspect from being shown, and takes one by a shortcut for none', async () => {
    const plays = playsOf('hard', 1, 2);
    const rare = await world(plays, []);
    const history = [{ ...rare.groups[0]!, decision: { band: { label: 'too-hard', passRate: 0.05 }, suspects: [] } }];
    await evolveBank(rare.ports, history as unknown as readonly JudgedRollouts[], 0, bank);
    const statuses = async (entries: typeof rare.ports.entries) =>
      (await Array.fromAsync((await entries.view(namespace)).list({ kinds: ['demonstration'] }))).map(
        ({ status }) => status,
      );
    expect(await statuses(rare.ports.entries)).toEqual(['quarantined']);

    const shortcut = await world(plays, [{ rollout: 0, why: ['answer-repeated'] }]);
    await evolveBank(shortcut.ports, shortcut.groups, 0, bank);
    expect(await statuses(shortcut.ports.entries)).toEqual([]);
  });
});
