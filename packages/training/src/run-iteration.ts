import { systemClock, TrainerError, UnsupportedError, type ServedVersion, type TrainingSample } from '@skillrl/core';
import { keyedSeed } from '@skillrl/rollouts';

import { buildBatch, type TrainingBatch } from './build-batch.ts';
import { playCanary } from './canary.ts';
import { checkServed } from './check-served.ts';
import { collectRollouts } from './collect-rollouts.ts';
import { describeIteration } from './describe-iteration.ts';
import { evolveBank } from './evolve-bank.ts';
import type { BankEvolution, IterationManifest } from './iteration-manifest.ts';
import type { IterationPlan } from './iteration-plan.ts';
import type { IterationPorts } from './iteration-ports.ts';
import type { IterationState } from './iteration-state.ts';
import { nextState, type Learned } from './next-state.ts';
import { openPhases, type Phases } from './phases.ts';
import type { Promote, PublicationDecision } from './promote.ts';
import { exportAndServe, removeObsolete, saveAs, versionName } from './serve-version.ts';
import { surviving } from './surviving.ts';
import { trainOnDemonstrations, trainOnRollouts } from './train-batch.ts';

/**
 * One iteration: rollouts of the served policy are collected and become a batch; the batch trains a new version; the version is served, watched for a
 * collapse, and published or kept; and the bank learns from what failed.
 *
 * Stopped at any point, killed too, and called again with the state of before, it comes to the same end: each part is recorded when it is
 * done, and gives the same when it is done again.
 *
 * @param plan - of `planIteration` from this very state.
 * @param promote - decides whether a new version goes live.
 * @returns the state to go on from, which the journal holds too.
 * @throws {TrainerError} what trainer and batch refuse (`ROLLOUTS_FAILED`, `TOKENS_MISSING`, `TOKENIZER_MIXED`, `POLICY_MIXED`, `STEP_NOT_APPLIED`, …), and `MISMATCH_PERSISTS`;
 * {ModelServerError} when a version cannot be served, or `VERSION_MISMATCH` when it is another that answers; {InputError} `PLAN_DIFFERS` when another plan of this iteration was begun.
 */
export async function runIteration(
  plan: IterationPlan,
  state: IterationState,
  ports: IterationPorts,
  promote: Promote,
): Promise<{ readonly state: IterationState; readonly manifest: IterationManifest }> {
  const phases = await openPhases(plan, ports);

  const rollouts = await phases.timed('rollouts', () =>
    collectRollouts(plan, state, ports, phases.isDone('collected')),
  );
  await phases.once('collected', async () => ({}));
  const batch = buildBatch(plan, state, rollouts);
  const learned = await phases.once('saved', () => train(plan, state, ports, batch, phases));
  const served = await serve(plan, state, ports, learned, phases);
  const check = served && (await phases.timed('check', () => checkServed(plan, state, served, learned.weights, ports)));
  const canary = served && (await phases.timed('canary', () => playCanary(plan, state, served, ports)));
  const isSound = served !== undefined && canary?.collapsed !== true;
  const { live } = await phases.once('compared', async () => ({ live: (await ports.server.live()) ?? state.live }));
  const publication = isSound ? await publish(plan, { ...state, live }, ports, served, promote, phases) : undefined;
  const evolution = await evolve(plan, state, ports, batch, phases);

  const written = phases.written();
  const results = { batch, learned, served, check, canary, live, publication, evolution, written };
  const next = nextState(plan, state, results);
  const manifest = describeIteration(plan, state, next, results, phases);
  await ports.journal.finish(next, manifest);
  ports.progress?.({ type: 'iteration', manifest });
  await removeObsolete(next, ports);
  if (next.refusals >= mostRefusals) throw mismatchPersists(next, learned);
  return { state: next, manifest };
}

/** Makes the steps and saves what came of them. */
async function train(
  plan: IterationPlan,
  state: IterationState,
  ports: IterationPorts,
  batch: TrainingBatch,
  phases: Phases,
): Promise<Learned> {
  const { recipe } = plan;
  const { model, demonstrations } = ports;
  const name = versionName(state.run, state.newest + 1);
  const isImitating = recipe.source === 'demonstrations';
  if (!isImitating && batch.samples.length === 0)
    return { outcome: 'idle', weights: state.weights, note: 'No group was worth a step: their reasons are listed.' };

  await registerBatch(plan, name, batch, ports);
  return surviving(async () => {
    const trained = isImitating
      ? await trainOnDemonstrations(
          model,
          await expertPlays(recipe, state, demonstrations),
          recipe,
          state,
          phases.stepped,
        )
      : await trainOnRollouts(model, batch.samples, recipe, state, phases.stepped);
    const { report } = trained;
    if (trained.kind === 'refused')
      return { outcome: 'refused', weights: state.weights, report, note: `Not trained on. ${trained.reason}` };
    return { outcome: 'trained', weights: await saveAs(name, model, phases), report };
  });
}

/** Whoever erases an episode or an entry is told which weights have seen it. */
async function registerBatch(
  { suite }: IterationPlan,
  destination: string,
  { samples, credits }: TrainingBatch,
  { episodes, bank, clock = systemClock }: IterationPorts,
): Promise<void> {
  const record = { id: `training-batch ${suite}`, kind: 'training-batch', destination, at: clock.now() };
  const entryIds = credits.flatMap(({ exposures }) => exposures.map(({ entryId }) => entryId));
  await episodes.registerExport(record, [
    ...samples.map(({ episodeId }) => ({ episodeId })),
    ...(bank === undefined ? [] : entryIds.map((entryId) => ({ namespace: bank.namespace, entryId }))),
  ]);
}

function expertPlays(
  { expert, groups, groupSize, seed }: IterationPlan['recipe'],
  { iteration }: IterationState,
  demonstrations: IterationPorts['demonstrations'],
): Promise<readonly TrainingSample[]> {
  if (demonstrations === undefined) {
    throw new UnsupportedError('environment', {
      code: 'DEMONSTRATIONS_MISSING',
      message: 'The recipe imitates an expert, and there is none here.',
      hint: "Take a recipe with source 'rollouts', or an environment with an expert.",
    });
  }
  const count = groups * groupSize;
  return demonstrations({ expert, count, seed: keyedSeed([seed, 'demonstrations', iteration + 1]) });
}

/** The new version under a name of its own, once it is due. */
async function serve(
  { recipe }: IterationPlan,
  { run, newest, version, unserved, bankRevision }: IterationState,
  ports: IterationPorts,
  { outcome, weights }: Learned,
  phases: Phases,
): Promise<ServedVersion | undefined> {
  const number = newest + 1;
  const isDue = outcome === 'trained' && unserved + 1 >= recipe.serveEvery;
  if (!isDue) return undefined;
  return exportAndServe({ run, number, parent: version, weights, bankRevision }, ports, phases);
}

async function publish(
  { recipe }: IterationPlan,
  state: IterationState,
  { server }: IterationPorts,
  served: ServedVersion,
  promote: Promote,
  phases: Phases,
): Promise<PublicationDecision> {
  const { decision } = await phases.once('published', async () => {
    const decided = await promote(served, state, recipe);
    if (!decided.publish) return { decision: decided };
    // A process that died here made it live already.
    const now = (await server.live())?.version ?? state.live.version;
    if (now !== state.live.version && now !== served.version) return { decision: overtaken(decided, now) };
    await server.goLive(served.version);
    return { decision: decided };
  });
  return decision;
}

/** It was compared with what is live no more. */
function overtaken(decided: PublicationDecision, now: string): PublicationDecision {
  const reason = `${decided.reason} But ${now} was made live meanwhile, and it was not compared with that.`;
  return { ...decided, publish: false, verdict: 'undecided', reason };
}

/** The bank's next revision, which the next rollouts meet. */
async function evolve(
  { recipe }: IterationPlan,
  { bankRevision }: IterationState,
  { bank, episodes, clock, signal }: IterationPorts,
  { groups }: TrainingBatch,
  phases: Phases,
): Promise<BankEvolution | undefined> {
  if (bank === undefined || recipe.memory === 'none') return undefined;
  const { evolution } = await phases.once('evolved', async () => ({
    evolution: await evolveBank({ ...bank, episodes, clock, signal }, groups, bankRevision, recipe.bank),
  }));
  return evolution;
}

/** Iterations in a row that sampler and trainer may disagree in. */
const mostRefusals = 3;

function mismatchPersists({ refusals }: IterationState, { note }: Learned): TrainerError {
  return new TrainerError({
    code: 'MISMATCH_PERSISTS',
    message: `In ${refusals} iterations in a row sampler and trainer disagreed. ${note}`,
    hint: 'The model server may serve other weights than were exported, or sample at another temperature than 1.',
  });
}
