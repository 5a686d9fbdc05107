import { existsSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { SkillError } from '@skillrl/core';

import { connectTrainer } from '../src/jobs/trainer-connection.ts';
import { checkpointsOf, resultOf, runFolder, shortTraining } from './short-training.ts';

// On the small disk at argv[2]: a training run whose disk is filled before its save, and once more before its export, and which goes on each time
// there is room again. Prints one JSON line.
const disk = process.argv[2]!;
const [folder, ballast] = [join(disk, 'project'), join(disk, 'ballast')];
const { signal } = new AbortController();
const trainer = await connectTrainer(folder, { onProgress: () => {}, signal });

const refused = [];
for (const stage of ['saved', 'exported']) {
  const error = await shortTraining(
    folder,
    {},
    {
      trainer,
      progress: (news) => {
        // The second of its name: the first is of the version that the run begins with.
        if (news.type === 'stage-start' && news.stage === stage && existsSync(join(runFolder(folder), 'state.json')))
          fill();
      },
    },
  ).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const { code, hint } = error instanceof SkillError ? error : { code: String(error), hint: undefined };
  const weights = join(runFolder(folder), 'weights');
  refused.push({
    stage,
    code,
    hint,
    atTrainer: checkpointsOf(folder),
    exported: existsSync(weights) ? readdirSync(weights) : [],
  });
  rmSync(ballast, { force: true });
}
const { state } = await shortTraining(folder, {}, { trainer });
const ended = { iteration: state.iteration, atTrainer: checkpointsOf(folder), result: await resultOf(folder) };

// The same in a folder where nothing happened.
const undisturbed = join(disk, 'undisturbed');
await shortTraining(undisturbed, {}, { trainer });
await trainer.close();
console.log(JSON.stringify({ refused, ...ended, undisturbed: await resultOf(undisturbed) }));

/** Leaves room for journals and databases, and for no weights. */
function fill(): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 2_500_000)));
}
