import {
  EnvironmentError,
  type Environment,
  type EnvironmentSession,
  type Fact,
  type Task,
  type TimeStep,
} from '@skillrl/core';

export interface CorridorOptions {
  /** Boxes along the corridor, ≥ 1. Default 5. */
  readonly boxes?: number;
  /** Corridors; each is a family whose coin is always in the same box. Default 3. */
  readonly corridors?: number;
  /** Tasks a corridor. They differ in the box the agent starts at. Default 4. */
  readonly tasksPerCorridor?: number;
  /** Default 12. */
  readonly maxSteps?: number;
}

/**
 * The smallest environment that memory can help in: somewhere along a corridor a coin lies in a closed box, in the same box in every task of
 * that corridor. Pure and instant; for tests and documentation.
 *
 * Actions: `left`, `right`, `open`, `wait`. Opening the right box wins.
 */
export function corridor({
  boxes = 5,
  corridors = 3,
  tasksPerCorridor = 4,
  maxSteps = 12,
}: CorridorOptions = {}): Environment {
  const tasks = Array.from({ length: corridors * tasksPerCorridor }, (_, number): Task => {
    const family = `corridor-${Math.floor(number / tasksPerCorridor) + 1}`;
    const id = `${family}/task-${(number % tasksPerCorridor) + 1}`;
    return {
      id,
      environment: 'corridor',
      instruction: 'find the coin',
      family,
      type: 'find',
      domainKind: 'convergent',
      maxSteps,
    };
  });
  const task = (id: string): Task => {
    const found = tasks.find((each) => each.id === id);
    if (found === undefined)
      throw new EnvironmentError({ code: 'TASK_UNKNOWN', message: `The corridor environment has no task '${id}'.` });
    return found;
  };
  return {
    name: 'corridor',
    description: 'Find the coin in one of a few boxes along a corridor.',
    async tasks({ family, type, split, limit } = {}) {
      const found = tasks.filter(
        (each) => (family ?? each.family) === each.family && (type ?? each.type) === each.type,
      );
      return split === undefined ? found.slice(0, limit) : [];
    },
    task: async (id) => task(id),
    start: async ({ id }) => {
      const { family = '' } = task(id);
      const number = Number(id.split('-').at(-1));
      return session(
        { boxes, coin: boxOfCoin(family, boxes), maxSteps },
        { at: ((number - 1) % boxes) + 1, steps: 0, found: false },
      );
    },
    close: async () => {},
  };
}

/** The box that holds a corridor's coin, from 1. */
export function boxOfCoin(family: string, boxes: number): number {
  return ((Number(family.split('-').at(-1)) * 7) % boxes) + 1;
}

interface Corridor {
  readonly boxes: number;
  readonly coin: number;
  readonly maxSteps: number;
}

interface Place {
  readonly at: number;
  readonly steps: number;
  readonly found: boolean;
}

function session({ boxes, coin, maxSteps }: Corridor, start: Place): EnvironmentSession {
  let place = start;
  const details = (changed: boolean, facts: readonly Fact[] = []) => ({
    facts,
    stateKey: `${place.at}${place.found ? ' found' : ''}`,
    changed,
    admissible: ['left', 'open', 'right', 'wait'],
  });
  const here = () => `You stand at box ${place.at}.`;
  return {
    first: {
      type: 'first',
      observation: `A corridor with the boxes 1 to ${boxes}, all closed. ${here()}`,
      ...details(false),
    },
    async step(action): Promise<Exclude<TimeStep, { type: 'first' }>> {
      if (place.found || place.steps >= maxSteps) {
        throw new EnvironmentError({
          code: 'EPISODE_ENDED',
          message: 'The episode is over.',
          hint: 'Start a new session.',
        });
      }
      const before = place;
      place = moved(before, action.trim(), boxes, coin);
      const changed = place.at !== before.at || place.found;
      const facts = place.found ? [{ subject: 'coin 1', relation: 'in', object: `box ${place.at}` }] : [];
      const observation = answer(action.trim(), place, changed, here());
      if (!place.found && place.steps < maxSteps) return { type: 'mid', observation, reward: 0, ...details(changed) };
      const score = place.found ? 1 : 0;
      return {
        type: 'last',
        observation,
        reward: score,
        ended: 'terminated',
        success: place.found,
        score,
        ...details(changed, facts),
      };
    },
    snapshot: () => place,
    restore: (snapshot) => {
      place = snapshot as Place;
    },
    close: async () => {},
  };
}

function moved({ at, steps, found }: Place, action: string, boxes: number, coin: number): Place {
  const by = action === 'left' ? -1 : action === 'right' ? 1 : 0;
  return {
    at: Math.min(boxes, Math.max(1, at + by)),
    steps: steps + 1,
    found: found || (action === 'open' && at === coin),
  };
}

function answer(action: string, { at, found }: Place, changed: boolean, here: string): string {
  if (found) return `You open box ${at} and find the coin 1.`;
  if (action === 'open') return `Box ${at} is empty.`;
  if (action === 'left' || action === 'right') return changed ? here : 'There is a wall.';
  return action === 'wait' ? 'Time passes.' : 'Nothing happens.';
}
