import { readFileSync } from 'node:fs';

import { describeWith, requirement, temporaryFolder } from '@skillrl/testing';
import { expect, it } from 'vitest';

import { checkpointsOf, resultOf, shortTraining, stepsOf, until } from '../../test-support/short-training.ts';
import type { TrainNews } from './train-news.ts';
import { readTrainerState, trainerPlaces } from './trainer-process.ts';

describeWith(requirement('python'), 'a training run whose trainer alone is killed with -9', () => {
  it('comes to the same end, whether steps, a save or an export was under way, and leaves what one does that is not', async () => {
    const whole = temporaryFolder();
    const { state } = await shortTraining(whole);
    const names = checkpointsOf(whole);
    expect(names).toEqual([`weights/${state.served.version}`]);
    expect(await resultOf(whole)).toMatchObject([{ training: { steps: 4 } }]);

    const folder = temporaryFolder();
    const places = trainerPlaces(folder);
    const killed: number[] = [];
    const stages: string[] = [];
    let steps = 0;
    const isBack = (): boolean => !killed.includes(readTrainerState(places)?.pid ?? killed[0]!);
    const kill = (): void => {
      const { pid } = readTrainerState(places)!;
      killed.push(pid);
      process.kill(pid, 'SIGKILL');
    };
    const progress = (news: TrainNews): void => void (news.type === 'stage-start' && stages.push(news.stage));
    const exports = (): number => stages.filter((stage) => stage === 'exported').length;
    const run = shortTraining(folder, {}, { progress });
    const killing = (async () => {
      await until(() => stepsOf(folder, 1) === 2);
      kill();
      // The second time while the steps that were lost are made again.
      await until(() => {
        steps = Math.max(steps, stepsOf(folder, 1));
        return steps >= 3 && isBack();
      });
      kill();
      await until(() => exports() === 2 && isBack());
      kill();
    })();
    await Promise.all([run, killing]);
    expect(new Set(killed).size).toBe(3);
    expect(readFileSync(places.log, 'utf8').match(/start \d follows/g)).toHaveLength(3);
    expect(await resultOf(folder)).toEqual(await resultOf(whole));
    expect(checkpointsOf(folder)).toHaveLength(names.length);
  }, 400_000);
});
