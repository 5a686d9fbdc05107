import { type Environment, EnvironmentError, type EnvironmentSession, type Task, type TimeStep } from '@skillrl/core';

export interface ScriptedTask {
  readonly id: string;
  /** The actions that win, in this order; other actions change nothing. */
  readonly wins: readonly string[];
  readonly family?: string;
  readonly type?: string;
  /** Default 10. */
  readonly maxSteps?: number;
  /** An action that makes the environment throw, to test outages. */
  readonly breaksOn?: string;
}

/** An environment whose tasks are won by saying the right words in the right order. For unit tests of what drives environments. */
export function scriptedEnvironment(tasks: readonly ScriptedTask[]): Environment {
  const described = tasks.map(describe);
  return {
    name: 'scripted',
    description: 'Say the right words in the right order.',
    tasks: async (filter = {}) =>
      described
        .filter((task) => filter.family === undefined || task.family === filter.family)
        .filter((task) => filter.type === undefined || task.type === filter.type)
        .filter((task) => filter.split === undefined || task.split === filter.split)
        .slice(0, filter.limit),
    task: async (id) => described[indexOf(tasks, id)] as Task,
    start: async (task) => session(tasks[indexOf(tasks, task.id)] as ScriptedTask),
    close: async () => {},
  };
}

function describe({ id, wins, family, type, maxSteps = 10 }: ScriptedTask): Task {
  return {
    id,
    environment: 'scripted',
    instruction: `Say ${wins.join(', then ')}.`,
    family,
    type,
    domainKind: 'convergent',
    maxSteps,
  };
}

function indexOf(tasks: readonly ScriptedTask[], id: string): number {
  const index = tasks.findIndex((task) => task.id === id);
  if (index === -1)
    throw new EnvironmentError({ code: 'TASK_UNKNOWN', message: `The scripted environment has no task '${id}'.` });
  return index;
}

function session({ wins, maxSteps = 10, breaksOn }: ScriptedTask): EnvironmentSession {
  let state = { said: 0, steps: 0 };
  const details = (changed: boolean) => ({ stateKey: String(state.said), changed, admissible: wins });
  const first = { type: 'first', observation: 'Speak.', ...details(false) } as const;
  return {
    first,
    async step(action): Promise<Exclude<TimeStep, { type: 'first' }>> {
      if (state.said === wins.length || state.steps >= maxSteps) {
        throw new EnvironmentError({
          code: 'EPISODE_ENDED',
          message: 'The episode is over.',
          hint: 'Start a new session.',
        });
      }
      if (action === breaksOn)
        throw new EnvironmentError({ code: 'ENVIRONMENT_BROKEN', message: `'${action}' broke the environment.` });
      const changed = action === wins[state.said];
      state = { said: state.said + (changed ? 1 : 0), steps: state.steps + 1 };
      const observation = changed ? `You said ${action}.` : 'Nothing happens.';
      const success = state.said === wins.length;
      if (!success && state.steps < maxSteps) return { type: 'mid', observation, reward: 0, ...details(changed) };
      return {
        type: 'last',
        observation,
        reward: success ? 1 : 0,
        ended: 'terminated',
        success,
        score: success ? 1 : 0,
        ...details(changed),
      };
    },
    snapshot: () => state,
    restore: (snapshot) => void (state = snapshot as typeof state),
    close: async () => {},
  };
}
