import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryFolder } from '@skillrl/testing';
import type { IterationManifest, IterationState, PhaseRecord } from '@skillrl/training';
import { describe, expect, it } from 'vitest';

import { fileJournal } from './train-journal.ts';

const weights = { path: 'tinker://m/weights/x', sha256: 'b' };
const live = { version: 'v0', model: 'llama:v0.gguf', sha256: 'a' };

function state(iteration: number): IterationState {
  return {
    schema: 1,
    run: 'r',
    iteration,
    version: iteration,
    newest: iteration,
    step: 2 * iteration,
    weights,
    served: { ...live, number: 0, step: 0, weights },
    unserved: 0,
    live,
    published: ['v0'],
    bankRevision: 0,
    cursor: { epoch: 0, position: iteration },
    histories: { 'game none': [{ groupId: 'g', policyVersion: 0, successes: 1, trials: 4, isPilot: false }] },
    lengths: [12.5],
    sinceDecision: iteration,
    obsolete: [],
    refusals: 0,
  };
}

const manifest = (iteration: number): IterationManifest =>
  ({ iteration, run: 'r', groups: [] }) as unknown as IterationManifest;
const collected = (iteration: number): PhaseRecord => ({ phase: 'collected', iteration });

describe('fileJournal', () => {
  it('has nothing at first, then what was written, to whoever opens the folder again', async () => {
    const folder = temporaryFolder();
    const journal = fileJournal(folder);
    expect(await journal.state()).toBeUndefined();
    expect([await journal.phases(), await journal.manifests()]).toEqual([[], []]);

    await journal.finish(state(0));
    await journal.append({ phase: 'planned', iteration: 1, plan: 'p' });
    await journal.append(collected(1));
    const again = fileJournal(folder);
    expect(await again.state()).toEqual(state(0));
    expect(await again.phases()).toEqual([{ phase: 'planned', iteration: 1, plan: 'p' }, collected(1)]);
    expect(await again.manifests()).toEqual([]);
  });

  it('forgets the phases when an iteration is finished, and keeps its manifest', async () => {
    const folder = temporaryFolder();
    const journal = fileJournal(folder);
    await journal.finish(state(0));
    for (const iteration of [1, 2]) {
      await journal.append(collected(iteration));
      await journal.finish(state(iteration), manifest(iteration));
    }
    expect(await journal.phases()).toEqual([]);
    expect((await journal.manifests()).map(({ iteration }) => iteration)).toEqual([1, 2]);
    expect(readdirSync(folder).filter((name) => name.startsWith('phases'))).toEqual([]);
  });

  it('is as before when the process dies after the manifest and before the state', async () => {
    const folder = temporaryFolder();
    const journal = fileJournal(folder);
    await journal.finish(state(0));
    await journal.append(collected(1));
    // A folder in the way of the new state stands for the death of the process at that place.
    mkdirSync(join(folder, 'state.json.part'));
    await expect(journal.finish(state(1), manifest(1))).rejects.toMatchObject({ boundary: 'file' });
    expect(existsSync(join(folder, 'iterations', '00001.json'))).toBe(true);
    const again = fileJournal(folder);
    expect(await again.state()).toEqual(state(0));
    expect(await again.phases()).toEqual([collected(1)]);
    expect(await again.manifests()).toEqual([]);
  });

  it('leaves out a line that a dying process wrote half, and goes on behind it', async () => {
    const folder = temporaryFolder();
    const journal = fileJournal(folder);
    await journal.finish(state(0));
    await journal.append(collected(1));
    appendFileSync(join(folder, 'phases-1.jsonl'), '{"phase":"tra');
    expect(await journal.phases()).toEqual([collected(1)]);
    await journal.append({ phase: 'trained', iteration: 1, step: 1 });
    expect(await journal.phases()).toEqual([collected(1), { phase: 'trained', iteration: 1, step: 1 }]);
  });

  it('says so when something else changed the state', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'state.json'), '{"schema":1}');
    await expect(fileJournal(folder).state()).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
  });

  it.each(['{"iteration":', '{"run":"r","iteration":1}', undefined])(
    'says so when what an iteration did is %j, and leaves none out',
    async (text) => {
      const folder = temporaryFolder();
      const journal = fileJournal(folder);
      await journal.finish(state(0));
      for (const iteration of [1, 2]) await journal.finish(state(iteration), manifest(iteration));
      const path = join(folder, 'iterations', '00001.json');
      if (text === undefined) rmSync(path);
      else writeFileSync(path, text);
      await expect(journal.manifests()).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    },
  );
});
