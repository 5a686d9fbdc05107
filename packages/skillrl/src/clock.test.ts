import { join } from 'node:path';

import { sqlite, verifyBank } from '@skillrl/drivers';
import { createMemory } from '@skillrl/memory';
import { episodeEvents, seededRandom, temporaryFolder } from '@skillrl/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const rounds = 20;
const year = 365 * 24 * 3_600_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

it(`loses nothing to a clock that jumps by years, ${rounds} times`, async () => {
  const random = seededRandom(41);
  const path = join(temporaryFolder(), 'bank.db');
  const store = sqlite({ path });
  const memory = createMemory({ episodes: store.episodes, entries: store.entries });
  const ids = new Set<string>();
  let revision = 0;
  let distilled = 0;
  for (let round = 0; round < rounds; round += 1) {
    vi.setSystemTime(Math.floor(random() * 60 * year));
    // What a process that died under this clock leaves open.
    const [start, ...rest] = episodeEvents({
      id: `open-${round}`,
      tags: { namespace: 'default' },
      startedAt: Date.now(),
    });
    await store.episodes.append([start!, rest[0]!]);
    const running = memory.run({ instruction: `find the mug of round ${round}` }, async () => {
      vi.setSystemTime(Math.floor(random() * 60 * year));
      return `shelf ${round}`;
    });
    const { episodeId } = await running;
    expect(ids.has(episodeId)).toBe(false);
    ids.add(episodeId);
    vi.setSystemTime(Math.floor(random() * 60 * year));
    await memory.outcome(episodeId, true);
    const report = await memory.learn();
    distilled += report.distilled;
    expect(report.revision).toBeGreaterThanOrEqual(revision);
    revision = report.revision;
  }
  expect(distilled).toBe(rounds);
  const episodes = await Array.fromAsync(store.episodes.episodes());
  expect(episodes).toHaveLength(2 * rounds);
  const starts = episodes.map(({ startedAt }) => startedAt);
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  // Every one that was left open was closed, whether its last word came years ago or years ahead.
  const open = episodes.filter(({ id }) => id.startsWith('open'));
  expect(open.map(({ end }) => end)).toEqual(Array.from(open, () => 'interrupted'));
  const changes = await Array.fromAsync(store.entries.changesAfter('default', 0));
  const revisions = changes.map((change) => change.revision);
  expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
  await memory.close();
  await store.close();
  expect((await verifyBank(path)).damage).toEqual([]);
}, 60_000);
