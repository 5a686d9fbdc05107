import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EpisodeEvent } from '@skillrl/core';
import { memoryEpisodeStore, temporaryFolder } from '@skillrl/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sqlite } from './sqlite.ts';

const episodes = ['e1', 'e2', 'e3'];
const entries = ['n1', 'n2', 'n3'];

const exposures = fc.uniqueArray(
  fc.record({
    entryId: fc.constantFrom(...entries),
    entryVersion: fc.constantFrom(1, 2),
    propensity: fc.constantFrom(0.5, 0.9, 1),
  }),
  { maxLength: 3 },
);
const policy = fc.constantFrom({ name: 'p', version: '1' }, { name: 'q', version: '1' });
const outcome = fc.oneof(
  fc.record({
    status: fc.constantFrom('success', 'failure'),
    score: fc.double({ min: 0, max: 1, noNaN: true }),
    source: fc.constantFrom('environment', 'user', 'model'),
    verified: fc.boolean(),
  }),
  fc.constant({ status: 'truncated', limit: 'tokens' } as const),
);
const namespace = fc.constantFrom('default', 'tenant');
const task = { id: 't', environment: 'house', instruction: 'x', domainKind: 'convergent' } as const;
const call = { id: 'c', model: 'm', newMessages: [], completion: 'go', promptTokens: 1, completionTokens: 1 };

const payload = fc.oneof(
  fc.record({
    type: fc.constant('episode-start'),
    task: fc.constant(task),
    purpose: fc.constantFrom('train', 'test'),
    policy,
  }),
  fc.record({
    type: fc.constant('model-call'),
    index: fc.nat(2),
    call: fc
      .record({
        namespace,
        shown: exposures,
        withheld: exposures,
        bankRevision: fc.constant(1),
        tokens: fc.constant(1),
      })
      .map((recall) => ({ ...call, recall })),
  }),
  fc.record({ type: fc.constant('outcome'), outcome }),
  fc.record({ type: fc.constant('episode-end'), end: fc.constant('terminated') }),
  fc.record({ type: fc.constant('observation'), observation: fc.constant('x') }),
);
/** Few ids, so that some come again with another payload or for another episode. */
const event = fc
  .tuple(fc.constantFrom(...episodes), fc.nat(11), fc.nat(5), payload)
  .map(([episodeId, id, at, rest]) => ({ episodeId, id: `x${id}`, at, ...rest }) as EpisodeEvent);

type Operation = { readonly append: readonly EpisodeEvent[] } | { readonly erase: string };
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 12, arbitrary: fc.array(event, { maxLength: 6 }).map((append) => ({ append })) },
  { weight: 1, arbitrary: fc.constantFrom(...episodes).map((erase) => ({ erase })) },
);

describe('statistics of sqlite', () => {
  it('agree with a fold of the events after any appends and erasures, some of which fail', async () => {
    const folder = temporaryFolder();
    let run = 0;
    const property = fc.asyncProperty(
      fc.array(operation, { maxLength: 25 }),
      fc.boolean(),
      async (operations, together) => {
        const store = sqlite({ path: join(folder, `${(run += 1)}.db`) });
        const reference = memoryEpisodeStore();
        const steps = operations.map((one) => async () => {
          await ('append' in one ? store.episodes.append(one.append) : store.episodes.erase(one.erase));
        });
        // One that fails is undone with its counts, also in a group.
        const invalid = { id: 'y', episodeId: 'e1', at: -1, type: 'observation', observation: 'x' } as const;
        const failing = store.episodes.append([
          ...(operations[0] && 'append' in operations[0] ? operations[0].append : []),
          invalid,
        ]);
        await expect(failing).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' });
        if (together) await Promise.all(steps.map((step) => step()));
        else for (const step of steps) await step();
        for (const one of operations) {
          await ('append' in one ? reference.append(one.append) : reference.erase(one.erase));
        }
        for (const of of ['default', 'tenant']) {
          expect(await store.episodes.statistics(of, entries)).toEqual(await reference.statistics(of, entries));
        }
        await store.close();
      },
    );
    await fc.assert(property, { numRuns: 60 });
  }, 60_000);

  it('keep a row for what counts and none for what does not', async () => {
    const path = join(temporaryFolder(), 'bank.db');
    const store = sqlite({ path });
    const recall = { namespace: 'default', shown: [{ entryId: 'n', entryVersion: 1, propensity: 0.9 }], withheld: [] };
    const withNote = { ...call, recall: { ...recall, bankRevision: 1, tokens: 1 } };
    await store.episodes.append([
      {
        id: '1',
        episodeId: 'e',
        at: 1,
        type: 'episode-start',
        task,
        purpose: 'train',
        policy: { name: 'p', version: '1' },
      },
      { id: '2', episodeId: 'e', at: 2, type: 'model-call', index: 0, call: withNote },
    ]);
    const raw = new DatabaseSync(path);
    const rows = (table: string): unknown => raw.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count'];
    expect([rows('entry_use'), rows('entry_statistic')]).toEqual([1, 1]);
    await store.episodes.erase('e');
    expect([rows('entry_use'), rows('entry_statistic')]).toEqual([0, 0]);
    raw.close();
    await store.close();
  });
});
