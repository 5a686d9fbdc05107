import type { EntryExposure, ModelCall, Outcome, Rollout, Task } from '@skillrl/core';
import { aModelCall, anEpisode, aTask, verifiedFailure, verifiedSuccess } from '@skillrl/testing';

import type { IterationPlan, PlannedGroup, Side } from '../src/iteration-plan.ts';
import type { IterationState } from '../src/iteration-state.ts';
import { planIteration } from '../src/plan-iteration.ts';
import type { TrainingRecipe } from '../src/recipe.ts';

/** What a play of a test was like. */
export interface PlaySketch {
  readonly won?: boolean;
  /** In place of won or lost. */
  readonly outcome?: Outcome | null;
  /** Default 2. */
  readonly steps?: number;
  readonly confidence?: number;
  readonly shown?: readonly EntryExposure[];
  readonly withheld?: readonly EntryExposure[];
  readonly stateKeys?: readonly string[];
  readonly actions?: readonly string[];
  readonly policy?: string;
}

/** The game of the tests: ten steps at most. */
export function aGame(id: string, overrides: Partial<Task> = {}): Task {
  return aTask({ id, maxSteps: 10, type: 'put', family: 'kitchen', ...overrides });
}

/** A state before the first iteration. */
export function aState(overrides: Partial<IterationState> = {}): IterationState {
  const weights = { path: 'save', sha256: '00' };
  const version = { version: 'run-v0', model: 'm', sha256: '00' };
  return {
    schema: 1,
    run: 'run',
    iteration: 0,
    version: 0,
    newest: 0,
    step: 0,
    weights,
    served: { ...version, number: 0, step: 0, weights },
    unserved: 0,
    live: version,
    published: [version.version],
    bankRevision: 0,
    cursor: { epoch: 0, position: 0 },
    histories: {},
    lengths: [],
    sinceDecision: 0,
    obsolete: [],
    refusals: 0,
    ...overrides,
  };
}

/** The plan of a first iteration on these games, and its rollouts as they are sketched by game and side. */
export function played(
  recipe: TrainingRecipe,
  games: readonly Task[],
  plays: Readonly<Record<string, readonly PlaySketch[]>>,
  state: IterationState = aState(),
): { readonly plan: IterationPlan; readonly state: IterationState; readonly rollouts: readonly Rollout[] } {
  const plan = planIteration(recipe, { train: games, canary: [] }, state);
  return { plan, state, rollouts: plan.groups.flatMap((group) => rolloutsOf(group, plays)) };
}

function rolloutsOf(group: PlannedGroup, plays: Readonly<Record<string, readonly PlaySketch[]>>): Rollout[] {
  const sketches = plays[`${group.task.id} ${group.side}`] ?? plays[group.task.id] ?? [];
  return sketches.map((sketch, index) => rolloutOf(group, index, sketch));
}

function rolloutOf(group: PlannedGroup, index: number, sketch: PlaySketch): Rollout {
  const spec = group.rollouts[index];
  if (spec === undefined) throw new Error(`The group ${group.id} has no rollout ${index}.`);
  return aRollout({ ...sketch, task: group.task, id: `${group.id}/${index}`, side: group.side, spec });
}

/** One play by itself, each of its steps with a call of one token. */
export function aRollout({
  won = false,
  outcome = won ? verifiedSuccess : verifiedFailure,
  steps = 2,
  confidence,
  shown = [],
  withheld = [],
  stateKeys,
  actions,
  policy = 'v0',
  task = aGame('game'),
  id = 'episode',
  side = 'none',
  spec,
}: PlaySketch & {
  readonly task?: Task;
  readonly id?: string;
  readonly side?: Side;
  readonly spec?: Rollout['spec'];
} = {}): Rollout {
  const calls = Array.from({ length: steps }, (_, step): ModelCall => {
    const first = step === 0;
    return aModelCall({
      id: `${id}.c${step}`,
      newPromptIds: first ? [1, 2] : [3],
      promptTokens: 2 + 2 * step,
      completionTokens: 1,
      tokens: { completionIds: [10 + step], logprobs: [-0.5], tokenizer: 'ids' },
      ...(first && confidence !== undefined && { confidence }),
      ...(first &&
        shown.length + withheld.length > 0 && {
          recall: { namespace: 'n', bankRevision: 1, shown, withheld, tokens: 4 },
        }),
    });
  });
  const episode = anEpisode({
    id,
    task,
    policy: { name: 'p', version: policy },
    calls,
    steps: calls.map((_, step) => ({
      action: actions?.[step] ?? `act ${step}`,
      stateKey: stateKeys?.[step],
    })),
    outcome,
    end: outcome?.status === 'truncated' ? 'truncated' : outcome?.status === 'errored' ? 'errored' : 'terminated',
  });
  return {
    spec: spec ?? { id, suite: 's', arm: side, task, sample: 0, seed: 1, purpose: 'train' },
    episode,
  };
}
