import {
  type Clock,
  type Environment,
  type EpisodeEvent,
  type ModelCall,
  type Outcome,
  type Policy,
  type PolicyTurn,
  type RolloutSpec,
  SkillError,
  systemClock,
  type TimeStep,
} from '@skillrl/core';

import { type RolloutLimits, reachedLimit } from './limits.ts';
import { keyedSeed } from './seed.ts';

export interface RunEpisodeOptions {
  readonly clock?: Clock;
  readonly limits?: RolloutLimits;
  /** Aborts by throwing; nothing of the episode is kept. */
  readonly signal?: AbortSignal;
}

/** The id of the episode that a rollout records: known before it runs, so that a resumed run finds it. Each attempt has an episode of its own. */
export function episodeIdOf({ id, attempt = 1 }: RolloutSpec): string {
  return attempt === 1 ? `episode_${id}` : `episode_${id}_attempt_${attempt}`;
}

/**
 * Plays one episode and tells it as events, from start to outcome, for the caller to store.
 *
 * An error of the policy or the environment is data: the episode ends as errored, or as truncated when the model's context was full. Only an
 * abort throws.
 */
export async function runEpisode(
  spec: RolloutSpec,
  environment: Environment,
  policy: Policy,
  options: RunEpisodeOptions = {},
): Promise<readonly EpisodeEvent[]> {
  const { clock = systemClock, limits = {}, signal } = options;
  const log = eventLog(episodeIdOf(spec), clock);
  log.add({
    type: 'episode-start',
    task: spec.task,
    purpose: spec.purpose,
    policy: { name: policy.name, version: policy.version },
    tags: {
      suite: spec.suite,
      arm: spec.arm,
      sample: String(spec.sample),
      ...(spec.attempt !== undefined && { attempt: String(spec.attempt) }),
    },
  });
  try {
    const { end, outcome } = await play(spec, environment, policy, log, { clock, limits, signal });
    log.add({ type: 'episode-end', end });
    log.add({ type: 'outcome', outcome });
  } catch (error) {
    signal?.throwIfAborted();
    const { end, outcome } = endingByError(error);
    log.add({ type: 'episode-end', end });
    log.add({ type: 'outcome', outcome });
  } finally {
    policy.release?.(log.episodeId);
  }
  return log.events;
}

interface Ending {
  readonly end: 'terminated' | 'truncated' | 'errored';
  readonly outcome: Outcome;
}

async function play(
  spec: RolloutSpec,
  environment: Environment,
  policy: Policy,
  log: EventLog,
  { clock, limits, signal }: { clock: Clock; limits: RolloutLimits; signal: AbortSignal | undefined },
): Promise<Ending> {
  const startedAt = clock.now();
  const session = await environment.start(spec.task, { seed: spec.seed, signal });
  try {
    log.add({ type: 'observation', ...answerOf(session.first) });
    const steps: PolicyTurn['steps'][number][] = [];
    let current: TimeStep = session.first;
    let calls = 0;
    let tokens = 0;
    for (;;) {
      signal?.throwIfAborted();
      const limit = reachedLimit({ ms: clock.now() - startedAt, tokens, steps: steps.length }, limits);
      if (limit !== undefined) return { end: 'truncated', outcome: { status: 'truncated', limit } };

      const turn: PolicyTurn = {
        episodeId: log.episodeId,
        task: spec.task,
        initialObservation: session.first.observation,
        steps,
        admissible: current.admissible,
      };
      const act = await policy.act(turn, { seed: keyedSeed([spec.seed, steps.length]), signal });
      for (const call of act.calls) {
        log.add({ type: 'model-call', index: calls, call });
        calls += 1;
        tokens += call.promptTokens + call.completionTokens;
      }
      const index = steps.length;
      const action = {
        actionId: `${log.episodeId}.a${index}`,
        index,
        action: act.action,
        callIds: act.calls.map((call) => call.id),
      };
      log.add({ type: 'action', ...action });
      const next = await session.step(act.action, { signal });
      log.add({ type: 'observation', actionId: action.actionId, ...answerOf(next) });
      steps.push({
        ...action,
        ...answerOf(next),
        reward: next.reward,
        calls: act.calls satisfies readonly ModelCall[],
      });
      if (next.type === 'last') return endingOf(next);
      current = next;
    }
  } finally {
    await session.close();
  }
}

function endingOf(last: Extract<TimeStep, { type: 'last' }>): Ending {
  if (last.ended === 'truncated')
    return { end: 'truncated', outcome: { status: 'truncated', limit: 'the environment' } };
  return {
    end: 'terminated',
    outcome: { status: last.success ? 'success' : 'failure', score: last.score, source: 'environment', verified: true },
  };
}

function answerOf(step: TimeStep) {
  const { observation, facts, stateKey, changed, admissible } = step;
  return {
    observation,
    trust: 'environment' as const,
    reward: step.type === 'first' ? 0 : step.reward,
    facts,
    stateKey,
    changed,
    admissible,
  };
}

/** A full context is a limit of ours, and would be as full at the next attempt; everything else is an outage. */
function endingByError(error: unknown): Ending {
  if (error instanceof SkillError && error.code === 'CONTEXT_OVERFLOW')
    return { end: 'truncated', outcome: { status: 'truncated', limit: `the model's context. ${error.message}` } };
  return { end: 'errored', outcome: { status: 'errored', error: describe(error) } };
}

function describe(error: unknown): { code: string; message: string } {
  if (error instanceof SkillError) return { code: error.code, message: error.message };
  return { code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) };
}

type NewEvent = EpisodeEvent extends infer Event
  ? Event extends EpisodeEvent
    ? Omit<Event, 'id' | 'episodeId' | 'at'>
    : never
  : never;

interface EventLog {
  readonly episodeId: string;
  readonly events: readonly EpisodeEvent[];
  add(event: NewEvent): void;
}

/** Numbers the events of one episode, so that storing them twice stores them once. */
function eventLog(episodeId: string, clock: Clock): EventLog {
  const events: EpisodeEvent[] = [];
  return {
    episodeId,
    events,
    add: (event) =>
      void events.push({ ...event, id: `${episodeId}.${events.length}`, episodeId, at: clock.now() } as EpisodeEvent),
  };
}
