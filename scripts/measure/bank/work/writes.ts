import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { EpisodeEvent, EpisodeStore, RecallNote } from '../../../../packages/core/src/index.ts';
import { sqlite } from '../../../../packages/drivers/src/index.ts';
import { aModelCall, episodeEvents } from '../../../../packages/testing/src/builders.ts';
import { generatedEntry } from '../generated-entries.ts';
import { processorMs, quantile } from '../per-query.ts';
import { syncedWrite } from '../synced-write.ts';
import { namespace } from './bank.ts';

export interface WritesInput {
  readonly folder: string;
  readonly rounds: number;
  /** Entries in the bank, and committed at once for the rate. */
  readonly entries: number;
}

/** Of one kind of durable write, ms by the clock, each with synced writes of 4 KiB right after it. */
export interface WriteTimes {
  readonly name: string;
  readonly p50: number;
  readonly p99: number;
  /** Medians of the synced writes beside it. */
  readonly overwrite: number;
  readonly append: number;
}

export interface WritesResult {
  readonly times: readonly WriteTimes[];
  readonly statisticsPerSecond: { readonly clock: number; readonly processor: number };
  readonly entriesPerSecond: number;
  /** 300 episodes listed, ms of processor time. */
  readonly listMs: number;
}

const shownPerCall = 6;

/** Writes and synced writes in turn, in one folder, so that both see the same disk and the same neighbours. */
export async function work({ folder, rounds, entries }: WritesInput): Promise<WritesResult> {
  mkdirSync(folder, { recursive: true });
  const store = sqlite({ path: join(folder, 'bank.db') });
  const [overwrite, append] = [syncedWrite(folder, 'overwrite'), syncedWrite(folder, 'append')];
  const put = Array.from({ length: entries }, (_, number) => generatedEntry(number, namespace));
  const putMs = await processorMs(() => store.entries.commit({ namespace, reason: 'many', put }));

  const kinds: readonly (readonly [string, (round: number) => Promise<unknown>])[] = [
    ['event append: an action', (round) => store.episodes.append([eventsOf(`e${round}`)[3]!])],
    ['statistic commit: an outcome, six entries shown', (round) => store.episodes.append([outcomeOf(`e${round}`)])],
    [
      'status commit: one entry',
      (round) =>
        store.entries.commit({
          namespace,
          reason: 'a status',
          statuses: [{ id: 'entry-0', status: round % 2 === 0 ? 'stable' : 'active' }],
        }),
    ],
  ];
  const spent = kinds.map(() => ({ write: [] as number[], overwrite: [] as number[], append: [] as number[] }));
  for (let round = -10; round < rounds; round += 1) {
    // What an outcome is about was written before.
    await store.episodes.append(eventsOf(`e${round}`).slice(0, 3));
    for (const [kind, [, write]] of kinds.entries()) {
      const writeMs = await clockMs(() => write(round));
      const [overwriteMs, appendMs] = [await clockMs(overwrite), await clockMs(append)];
      if (round < 0) continue;
      spent[kind]!.write.push(writeMs);
      spent[kind]!.overwrite.push(overwriteMs);
      spent[kind]!.append.push(appendMs);
    }
  }

  const statisticsPerSecond = await batchedStatistics(store.episodes, Math.max(20, Math.round(rounds / 2)), entries);
  const listMs = await processorMs(() => Array.fromAsync(store.episodes.episodes({ limit: 300 })));
  overwrite.close();
  append.close();
  await store.close();
  const times = kinds.map(([name], kind) => ({
    name,
    p50: quantile(spent[kind]!.write, 0.5),
    p99: quantile(spent[kind]!.write, 0.99),
    overwrite: quantile(spent[kind]!.overwrite, 0.5),
    append: quantile(spent[kind]!.append, 0.5),
  }));
  return { times, statisticsPerSecond, entriesPerSecond: entries / (putMs / 1000), listMs };
}

/** Outcomes of many episodes in one append: each entry that was shown in one is a statistic that changes. */
async function batchedStatistics(
  episodes: EpisodeStore,
  count: number,
  entries: number,
): Promise<WritesResult['statisticsPerSecond']> {
  const used = 100;
  const ids = Array.from({ length: count }, (_, number) => `batch${number}`);
  await episodes.append(ids.flatMap((id, number) => eventsOf(id, used, (number * 7) % entries).slice(0, 3)));
  const outcomes = ids.map(outcomeOf);
  let clock = 0;
  const processor = await processorMs(async () => (clock = await clockMs(() => episodes.append(outcomes))));
  const [changed] = await episodes.statistics(namespace, ['entry-0']);
  if (changed === undefined || changed.won === 0) throw new Error('The outcomes changed no statistic.');
  return { clock: (count * used) / (clock / 1000), processor: (count * used) / (processor / 1000) };
}

/** Start, first observation, a model call that was shown entries, an action, … */
function eventsOf(id: string, shown = shownPerCall, first = 0): EpisodeEvent[] {
  const note: RecallNote = {
    namespace,
    bankRevision: 1,
    shown: Array.from({ length: shown }, (_, at) => ({
      entryId: `entry-${first + at}`,
      entryVersion: 1,
      propensity: 0.9,
    })),
    withheld: [],
    tokens: 500,
  };
  return episodeEvents({ id, calls: [aModelCall({ id: `${id}/call`, recall: note })] });
}

function outcomeOf(id: string): EpisodeEvent {
  return eventsOf(id).at(-1)!;
}

async function clockMs(once: () => unknown): Promise<number> {
  const before = performance.now();
  await once();
  return performance.now() - before;
}
