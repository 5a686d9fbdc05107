import { readFileSync } from 'node:fs';

import { describeWith, requirement, temporaryFolder } from '@skillrl/testing';
import { expect, it } from 'vitest';

import { checkpointsOf, recordsOf, resultOf, shortTraining, until } from '../../test-support/short-training.ts';
import type { TrainNews } from './train-news.ts';
import { connectTrainer } from './trainer-connection.ts';
import { readTrainerState, trainerPlaces } from './trainer-places.ts';

describeWith(requirement('python'), 'a training run whose trainer alone is killed with -9', () => {
  it('comes to the same end, whether steps or an export was under way, and leaves one save as one does that is not', async () => {
    const folder = temporaryFolder();
    const { signal } = new AbortController();
    const trainer = await connectTrainer(folder, { onProgress: () => {}, signal });
    try {
      const whole = temporaryFolder();
      const { state } = await shortTraining(whole, {}, { trainer });
      expect(await resultOf(whole)).toMatchObject([{ training: { steps: 4 } }]);
      expect(checkpointsOf(folder)).toEqual([`weights/${state.served.version}`]);

      const killed = killer(folder);
      const stages: string[] = [];
      const progress = (news: TrainNews): void => void (news.type === 'stage-start' && stages.push(news.stage));
      const run = shortTraining(folder, {}, { trainer, progress });
      // Two of four steps are made, and neither is saved.
      await Promise.race([run, until(() => recordsOf(folder, 1, 'trained') >= 2)]);
      killed.again();
      await Promise.race([run, until(() => stages.filter((stage) => stage === 'exported').length === 2)]);
      killed.again();
      await run;
      expect(readFileSync(trainerPlaces(folder).log, 'utf8').match(/start \d follows/g)).toHaveLength(2);
      expect(await resultOf(folder)).toEqual(await resultOf(whole));
      expect(checkpointsOf(folder)).toHaveLength(2);
    } finally {
      await trainer.close();
    }
    // On a crowded machine each start of the trainer takes two minutes.
  }, 1_200_000);
});

/** Kills the service of a project, another process each time. */
function killer(folder: string): { again(): void } {
  let last: number | undefined;
  return {
    again() {
      const { pid } = readTrainerState(trainerPlaces(folder))!;
      expect(pid).not.toBe(last);
      last = pid;
      process.kill(pid, 'SIGKILL');
    },
  };
}
