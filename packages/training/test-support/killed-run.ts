import { isDeepStrictEqual } from 'node:util';

import type { BankEntry } from '@skillrl/core';

import type { IterationState } from '../src/iteration-state.ts';
import type { Promote } from '../src/promote.ts';
import { trainingRecipe } from '../src/recipe.ts';
import { lab, type Lab, type LabOptions } from './lab.ts';
import { type Death, Killed, mortal } from './mortal.ts';
import { runLab } from './run.ts';

export const shortRecipe = trainingRecipe({
  name: 'resumed',
  groups: 3,
  groupSize: 4,
  optimizer: { learningRate: 0.1, minibatches: 2 },
  canary: { pairs: 3 },
});
export const iterations = 3;
export const small: LabOptions = { train: 6, canary: 3 };

/** Makes every second version live. */
export const everySecond: Promote = async (_candidate, state) => ({
  publish: state.iteration % 2 === 1,
  verdict: 'benefit',
  reason: 'It is its turn.',
  pairs: 0,
});

/** Whether a run that died once, and was gone on with, ends as one that did not. */
export async function endsAlike(death: Death, end: Awaited<ReturnType<typeof endOf>>): Promise<boolean> {
  const world = lab(small);
  const process = mortal(await world.ports(), everySecond, death);
  const dying = await runLab(world, shortRecipe, iterations, process.ports, process.promote).catch(
    (error: unknown) => error,
  );
  if (!(dying instanceof Killed)) throw dying;
  await runLab(world, shortRecipe, iterations, await world.ports(), everySecond);
  return isDeepStrictEqual(await endOf(world), end);
}

/** The run without a death, and how many calls it makes. */
export async function untouched() {
  const world = lab(small);
  const process = mortal(await world.ports(), everySecond);
  await runLab(world, shortRecipe, iterations, process.ports, process.promote);
  return { end: await endOf(world), calls: process.calls() };
}

/** What a run leaves behind, but for where the trainer keeps its saves. */
export async function endOf({ journal, server, entries, episodes, saves }: Lab) {
  const state = await journal.state();
  const bank = await Array.fromAsync((await entries.view('lab')).list());
  const end = {
    state: state && withoutPaths(state),
    manifests: (await journal.manifests()).map((manifest) => ({ ...manifest, durationsMs: {} })),
    // Those that an iteration can begin with, and none of a process that died over them.
    surplusSaves: saves().filter((path) => path !== state?.weights.path && path !== state?.served.weights.path).length,
    versions: await server.versions(),
    live: await server.live(),
    bank: bank.map(({ id, version, status, evidence }: BankEntry) => ({ id, version, status, evidence })),
    episodes: await Array.fromAsync(episodes.episodes(), ({ id, outcome }) => [id, outcome?.status]),
  };
  return JSON.parse(JSON.stringify(end)) as typeof end;
}

function withoutPaths(state: IterationState) {
  return {
    ...state,
    weights: state.weights.sha256,
    obsolete: undefined,
    served: { ...state.served, weights: state.served.weights.sha256 },
  };
}
