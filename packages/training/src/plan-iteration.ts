import { InputError, type Task } from '@skillrl/core';
import { keyedSeed, planRollouts } from '@skillrl/rollouts';
import { bandOutside, isReview } from '@skillrl/signals';

import { difficulty } from './difficulty.ts';
import type { IterationPlan, PlannedGroup, Side, TrainingGames } from './iteration-plan.ts';
import type { IterationState } from './iteration-state.ts';
import type { TrainingRecipe } from './recipe.ts';

/**
 * What comes next, from the state alone: the same state gives the same plan. Games are walked through in an order drawn anew each time all
 * were passed; those that are too hard or too easy on every side are passed over, and taken after all when too few others are left, since
 * only plays tell when that changes.
 *
 * @throws {InputError} `GAMES_MISSING` without games, `STEP_LIMIT_MISSING` for a game without a step limit while steps cost, `GAMES_SHARED` when a
 * canary's game is trained on.
 */
export function planIteration(recipe: TrainingRecipe, games: TrainingGames, state: IterationState): IterationPlan {
  const iteration = state.iteration + 1;
  const suite = `${state.run}/iteration-${iteration}`;
  const plan = { recipe, games, iteration, suite };
  if (recipe.source === 'demonstrations') return { ...plan, groups: [], passedOver: [], cursor: state.cursor };

  refuseWrongGames(games, recipe);
  const sides = sidesOf(recipe);
  const isTelling = ({ id }: Task): boolean => games.lowDispersion?.includes(id) !== true;
  const telling = games.train.filter(isTelling);
  const { chosen, passedOver, cursor } = walk(recipe, telling, state, (task) => whyNot(task, sides, state, plan));
  // Each side draws for itself: where the bank has nothing for a game, equal draws would play every episode twice.
  const specs = sides.flatMap((side) =>
    planRollouts({
      suite,
      arms: [side],
      tasks: chosen,
      samples: recipe.groupSize / sides.length,
      purpose: 'train',
      seed: keyedSeed([recipe.seed, 'rollouts', iteration, side]),
    }),
  );
  const groups = chosen.flatMap((task) =>
    sides.map((side): PlannedGroup => {
      const rollouts = specs.filter((spec) => spec.task.id === task.id && spec.arm === side);
      return { id: groupId(suite, task, side), task, side, rollouts };
    }),
  );
  return { ...plan, groups, passedOver, cursor };
}

/** The sides of each group under a recipe. */
export function sidesOf({ memory }: TrainingRecipe): readonly Side[] {
  return memory === 'half' ? ['none', 'entries'] : ['none'];
}

/** How the signals' gate is set by a recipe. */
export function gateOptions({ gate, seed }: TrainingRecipe) {
  const { low, high, leastTrials, unknownWeight, tooHard, reviewShare } = gate;
  return { low, high, leastTrials, unknownWeight, tooHard, reviewShare, seed };
}

function groupId(suite: string, task: Task, side: Side): string {
  return `${suite}/${task.id}/${side}`;
}

/** Goes on through the games from where the last iteration stopped, once through all of them at most. */
function walk(
  { groups, seed }: TrainingRecipe,
  games: readonly Task[],
  { cursor }: IterationState,
  whyNotTask: (task: Task) => string | undefined,
) {
  const chosen: Task[] = [];
  const passed: { readonly task: Task; readonly reason: string }[] = [];
  let { epoch, position } = cursor;
  let order = orderOf(games, seed, epoch);
  for (let seen = 0; seen < games.length && chosen.length < groups; seen += 1) {
    const task = order[position];
    position += 1;
    if (position >= order.length) {
      epoch += 1;
      position = 0;
      order = orderOf(games, seed, epoch);
    }
    if (task === undefined || chosen.includes(task)) continue;
    const reason = whyNotTask(task);
    if (reason === undefined) chosen.push(task);
    else if (passed.every((other) => other.task !== task)) passed.push({ task, reason });
  }
  const missing = passed.filter(({ task }) => !chosen.includes(task)).slice(0, groups - chosen.length);
  return {
    chosen: [...chosen, ...missing.map(({ task }) => task)],
    passedOver: passed.filter((one) => !missing.includes(one)).map(({ task, reason }) => ({ taskId: task.id, reason })),
    cursor: { epoch, position },
  };
}

function orderOf(games: readonly Task[], seed: number, epoch: number): Task[] {
  const draw = new Map(games.map(({ id }) => [id, keyedSeed([seed, 'order', epoch, id])]));
  return games.toSorted((a, b) => draw.get(a.id)! - draw.get(b.id)! || (a.id < b.id ? -1 : 1));
}

/** Why a game is passed over: no side of it would be trained on. */
function whyNot(
  task: Task,
  sides: readonly Side[],
  state: IterationState,
  { recipe, games, suite }: Pick<IterationPlan, 'recipe' | 'games' | 'suite'>,
): string | undefined {
  if (!recipe.gate.byDifficulty) return undefined;
  const options = gateOptions(recipe);
  const historyOf = difficulty(state.histories, games.train, options);
  const reasons = sides.map((side) => {
    const group = { groupId: groupId(suite, task, side), policyVersion: state.served.number };
    const { label, passRate = 0 } = bandOutside(historyOf(task, side, group), group, options);
    const solved = `${side}: solved in ${Math.round(100 * passRate)} %`;
    if (label === 'too-easy' && !isReview(group.groupId, options.reviewShare, options.seed))
      return `${solved}, too easy`;
    if (label === 'too-hard' && options.tooHard === 'put-off') return `${solved}, too hard`;
    return undefined;
  });
  return reasons.includes(undefined) ? undefined : `${reasons.join('; ')}.`;
}

function refuseWrongGames({ train, canary, lowDispersion = [] }: TrainingGames, { reward }: TrainingRecipe): void {
  if (train.every(({ id }) => lowDispersion.includes(id))) {
    throw new InputError({
      code: 'GAMES_MISSING',
      message: 'There are no games to train on.',
      hint: 'Give about 160, always the same ones, so that it becomes known how hard each is.',
    });
  }
  const endless = train.find(({ maxSteps }) => maxSteps === undefined || maxSteps < 1);
  if (reward.stepCost > 0 && endless !== undefined) {
    throw new InputError({
      code: 'STEP_LIMIT_MISSING',
      message: `The game '${endless.id}' has no step limit, so a step has no cost.`,
      hint: 'Give its task maxSteps, or set stepCost to 0.',
    });
  }
  const trained = new Set(train.map(({ id }) => id));
  const shared = canary.find(({ id }) => trained.has(id));
  if (shared !== undefined) {
    throw new InputError({
      code: 'GAMES_SHARED',
      message: `The game '${shared.id}' is trained on and would be a canary too.`,
      hint: 'Take the canary from other games.',
    });
  }
}
