import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import type { TrainableModel, Trainer, TrainingSample } from '@skillrl/core';
import { ggufTokenizer, sqlite, tinkerTrainer } from '@skillrl/drivers';
import type { RolloutRunner } from '@skillrl/rollouts';
import { baselines, planIteration, promoteNothing, runIteration, startTraining } from '@skillrl/training';

import { temporaryFolder } from '../../packages/testing/src/index.ts';
import { table } from '../../packages/skillrl/src/cli/output.ts';
import { loadConfig } from '../../packages/skillrl/src/config.ts';
import { withWorkers } from '../../packages/skillrl/src/jobs/bench-job.ts';
import { defaultTrainingSets } from '../../packages/skillrl/src/jobs/default-training.ts';
import { baseOf, trainingPorts } from '../../packages/skillrl/src/jobs/training-ports.ts';
import { planTraining } from '../../packages/skillrl/src/jobs/train-plan.ts';
import { openTrainingSets } from '../../packages/skillrl/src/jobs/train-sets.ts';
import { connectTrainer } from '../../packages/skillrl/src/jobs/trainer-connection.ts';
import { makeFolder, projectFolder } from '../../packages/skillrl/src/project-folder.ts';
import { type BesideTrl, updateBesideTrl } from './training/beside-trl.ts';

export const description =
  'training: wall time of an iteration by part, what is left for the loop itself, and an update beside TRL';

/**
 * `--iterations N` (3), `--memory none|half` (half), `--workers N` (2), `--rounds N` (7) of updates beside TRL; 0 leaves TRL out. Real rollouts,
 * the real trainer service, generated houses. The loop's own share is what no row above it accounts for: planning, merging, rewards,
 * advantages, gates, the journal, the store. TRL's Python environment is made on first use; where it cannot be, its row says why.
 */
export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      iterations: { type: 'string', default: '3' },
      memory: { type: 'string', default: 'half' },
      workers: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '7' },
    },
  });
  const recipe = values.memory === 'none' ? baselines.grpo : baselines['grpo-memory'];
  const folder = temporaryFolder();
  const { config } = await loadConfig({ environment: {}, flags: { folder, workers: values.workers } });
  const sets = await defaultTrainingSets({ games: 'houses', panelSeed: '1', trainGames: 160, heldOut: 8 });
  const opened = await openTrainingSets(sets);
  await opened.environment.close();
  const base = 'warm';
  const plan = {
    question: 'How long?',
    recipe,
    base,
    sets,
    iterations: Number(values.iterations),
    evaluateEvery: 0,
    evaluationPlays: 1,
    publishes: false,
  };
  const manifest = planTraining(plan, opened, {});
  const run = projectFolder(folder).run(manifest.id);
  makeFolder(run.root);

  const { signal } = new AbortController();
  const connection = await connectTrainer(folder, { onProgress: (line) => console.error(line), signal });
  const trainer = tinkerTrainer(connection);
  const store = sqlite({ path: run.database });
  const tokenizer = await ggufTokenizer({ modelPath: baseOf(base).gguf });
  const clock = partClock();
  try {
    const model = clock.timeModel(await trainer.open({ base }));
    const setup = {
      config: { ...config, model: `llama:${baseOf(base).gguf}` },
      games: sets,
      database: run.database,
      revision: 0,
    };
    await withWorkers(setup, async (pool) => {
      const parts = { config, manifest, folder: run, model, tokenizer, store, pool, signal };
      const ports = await trainingPorts({ ...parts, progress: () => {} });
      const timed = {
        ...ports,
        server: { ...ports.server, publish: clock.timed('export: publish', ports.server.publish.bind(ports.server)) },
        runner: async (playing: Parameters<typeof ports.runner>[0]) => clock.timeRunner(await ports.runner(playing)),
      };
      let state = await startTraining(manifest.id, recipe, timed);
      clock.reset();
      const begun = performance.now();
      let tokens = 0;
      for (let iteration = 0; iteration < plan.iterations; iteration += 1) {
        const games = { train: opened.train, canary: opened.canary };
        const done = await runIteration(planIteration(recipe, games, state), state, timed, promoteNothing);
        state = done.state;
        tokens += done.manifest.training?.allTokens ?? 0;
      }
      print(clock.parts(), performance.now() - begun, plan.iterations, tokens);
    });
    if (values.rounds !== '0') await measureUpdate(trainer, clock.lastBatch(), Number(values.rounds));
  } finally {
    await tokenizer.close();
    await trainer.close();
    await connection.close();
    await store.close();
  }
}

/** What the last iteration trained on, once more: by our engine, by TRL, and by the service over HTTP. */
async function measureUpdate(trainer: Trainer, batch: readonly TrainingSample[], rounds: number): Promise<void> {
  const model = await trainer.open({ base: 'warm' });
  try {
    printUpdate(await updateBesideTrl(model, batch, rounds, (line) => console.error(line)));
  } catch (error) {
    console.log(`\nNo update beside TRL: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await model.close();
  }
}

function printUpdate(update: BesideTrl): void {
  const { sequences, tokens, device, trlRows, oursSeconds, trlSeconds, serviceSeconds, ratio, difference } = update;
  const speed = (seconds: number): string[] => [seconds.toFixed(2), (tokens / seconds / 1_000).toFixed(1)];
  console.log(
    `\nOne update (loss, gradient, step) of a recorded batch, ${sequences} sequences of ${tokens} tokens, ${device}, one thread each; load ${loadavg()[0]?.toFixed(1)}\n`,
  );
  console.log(
    table([
      ['by', 'seconds, median', 'thousand tokens/s'],
      ['our engine', ...speed(oursSeconds)],
      [`TRL, ${trlRows} sequences at a time`, ...speed(trlSeconds)],
      ['our service, over HTTP', ...speed(serviceSeconds)],
    ]).join('\n'),
  );
  console.log(
    `\nTRL takes ${ratio.toFixed(2)} times as long. The norms of the gradient differ by ${difference.toExponential(1)} of it at most.`,
  );
}

function print(parts: ReadonlyMap<string, number>, wholeMs: number, iterations: number, tokens: number): void {
  const known = [...parts.values()].reduce((sum, ms) => sum + ms, 0);
  const rows = [...parts, ['the loop itself', wholeMs - known] as const];
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}; ${iterations} iterations, ${tokens} tokens of their sequences\n`,
  );
  console.log(
    table([
      ['part', 'seconds an iteration', 'share'],
      ...rows.map(([part, ms]) => [
        part,
        (ms / 1_000 / iterations).toFixed(2),
        `${((100 * ms) / wholeMs).toFixed(1)} %`,
      ]),
      ['all', (wholeMs / 1_000 / iterations).toFixed(2), '100.0 %'],
    ]).join('\n'),
  );
}

/** Sums up wall time by part. Parts do not overlap, but for rollouts, which are timed from the first that runs to the last. */
function partClock() {
  let sums = new Map<string, number>();
  let lastBatch: readonly TrainingSample[] = [];
  const add = (part: string, ms: number): void => void sums.set(part, (sums.get(part) ?? 0) + ms);
  const timed =
    <Given extends unknown[], Result>(part: string, work: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      const begun = performance.now();
      try {
        return await work(...given);
      } finally {
        add(part, performance.now() - begun);
      }
    };
  return {
    timed,
    reset: (): void => void (sums = new Map()),
    parts: (): ReadonlyMap<string, number> => sums,
    lastBatch: (): readonly TrainingSample[] => lastBatch,
    timeModel: (model: TrainableModel): TrainableModel => ({
      id: model.id,
      info: model.info,
      forward: timed('probe and KL: forward', model.forward.bind(model)),
      forwardBackward: timed('training: forward and backward', (samples, loss) => {
        lastBatch = samples;
        return model.forwardBackward(samples, loss);
      }),
      step: timed('training: step', model.step.bind(model)),
      save: timed('checkpoint: save', model.save.bind(model)),
      load: timed('checkpoint: load', model.load.bind(model)),
      exportWeights: timed('export: weights', model.exportWeights.bind(model)),
      pathOf: model.pathOf.bind(model),
      remove: timed('checkpoint: remove', model.remove.bind(model)),
      ...(model.sample !== undefined && { sample: model.sample.bind(model) }),
      close: model.close.bind(model),
    }),
    timeRunner: (runner: RolloutRunner): RolloutRunner => {
      let running = 0;
      let begun = 0;
      return {
        ...runner,
        run: async (spec, signal) => {
          if (running === 0) begun = performance.now();
          running += 1;
          try {
            return await runner.run(spec, signal);
          } finally {
            running -= 1;
            if (running === 0) add(spec.purpose === 'train' ? 'rollouts' : 'canary', performance.now() - begun);
          }
        },
      };
    },
  };
}
