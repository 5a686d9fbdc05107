import { isDeepStrictEqual } from 'node:util';

import {
  contentHash,
  newId,
  systemClock,
  type Clock,
  type EpisodeEnd,
  type EpisodeEvent,
  type ModelCall,
  type ObservationDetails,
  type Outcome,
  type Purpose,
  type Task,
  type Trust,
} from '@skillrl/core';

import type { EventLog } from './patient-log.ts';
import { redactEvent, type Redact } from './redact-event.ts';

/** What is known when an episode begins. */
export interface EpisodeOpening {
  readonly task: Task;
  readonly purpose: Purpose;
  readonly policy: { readonly name: string; readonly version: string };
  readonly bankRevision?: number;
  readonly tags?: Readonly<Record<string, string>>;
  /** Default: a new id. Starting an id again changes nothing. */
  readonly episodeId?: string;
}

/** What the environment or a tool said. */
export interface Answer extends ObservationDetails {
  readonly observation: string;
  /** Default `environment`. */
  readonly trust?: Trust;
  readonly reward?: number;
}

export interface NewAction {
  readonly action: string;
  /** Default: a new id. Acting under an id again changes nothing. */
  readonly actionId?: string;
  /** Position of the step. Default: counted from what is stored. */
  readonly index?: number;
  readonly callIds?: readonly string[];
}

/** Writes what happens to agents, event by event. Keeps nothing itself: any process may go on with any episode by its id. */
export interface Recorder {
  /** @returns the episode's id. */
  start(opening: EpisodeOpening): Promise<string>;
  /** The first observation, before any action. */
  observe(episodeId: string, first: Answer): Promise<void>;
  /** @param options.index - position among the episode's calls. Default: counted from what is stored. */
  modelCall(episodeId: string, call: ModelCall, options?: { readonly index?: number }): Promise<void>;
  /** @returns the action's id, to be answered by. Parallel actions each have one. */
  act(episodeId: string, action: NewAction): Promise<string>;
  /** What came of an action. The first answer counts. */
  answer(episodeId: string, actionId: string, answer: Answer): Promise<void>;
  /** The first end counts. */
  end(episodeId: string, end: EpisodeEnd): Promise<void>;
  /** May come long after the end, and more than once: the most trusted word counts. Saying the same again changes nothing. */
  outcome(episodeId: string, outcome: Outcome): Promise<void>;
}

export interface RecorderPorts {
  readonly episodes: EventLog;
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** Applied to every text before it is written. Default: none. */
  readonly redact?: Redact;
}

/**
 * The recorder over a store. Event ids derive from what they say happened, so writing something twice stores it once.
 *
 * Every method throws what the store throws.
 */
export function recorder({ episodes, clock = systemClock, redact }: RecorderPorts): Recorder {
  const inTurn = turns();
  const append = async (event: EpisodeEvent): Promise<void> => {
    await episodes.append([redact === undefined ? event : redactEvent(event, redact)]);
  };
  const head = (episodeId: string, name: string) => ({ id: eventId(episodeId, name), episodeId, at: clock.now() });

  return {
    start: async ({ episodeId = newId('episode', clock.now()), ...opening }) => {
      await append({ ...head(episodeId, 'start'), type: 'episode-start', ...opening });
      return episodeId;
    },
    observe: (episodeId, first) => append({ ...head(episodeId, 'observation'), type: 'observation', ...first }),
    modelCall: (episodeId, call, { index } = {}) => {
      const appendAt = (position: number): Promise<void> =>
        append({ ...head(episodeId, `call ${call.id}`), type: 'model-call', index: position, call });
      // Who counts by itself waits for nothing: what it asks for in one breath is one write.
      if (index !== undefined) return appendAt(index);
      return inTurn(episodeId, async () => appendAt(nextIndex(await episodes.events(episodeId), 'model-call')));
    },
    act: async (episodeId, { action, index, callIds, actionId = newId('action', clock.now()) }) => {
      const appendAt = (position: number): Promise<void> =>
        append({
          ...head(episodeId, `action ${actionId}`),
          type: 'action',
          actionId,
          index: position,
          action,
          callIds,
        });
      if (index !== undefined) await appendAt(index);
      else await inTurn(episodeId, async () => appendAt(nextIndex(await episodes.events(episodeId), 'action')));
      return actionId;
    },
    answer: (episodeId, actionId, answer) =>
      append({ ...head(episodeId, `answer ${actionId}`), type: 'observation', actionId, ...answer }),
    end: (episodeId, end) => append({ ...head(episodeId, 'end'), type: 'episode-end', end }),
    outcome: (episodeId, outcome) =>
      inTurn(episodeId, async () => {
        const said = (await episodes.events(episodeId)).filter((event) => event.type === 'outcome');
        if (isDeepStrictEqual(said.at(-1)?.outcome, outcome)) return;
        await append({ ...head(episodeId, `outcome ${said.length}`), type: 'outcome', outcome });
      }),
  };
}

/** Ids of the store are at most 512 characters long; callers' ids may be as long. */
function eventId(episodeId: string, name: string): string {
  const id = `${episodeId} ${name}`;
  return id.length <= 512 ? id : `${episodeId.slice(0, 400)} ${contentHash(name)}`;
}

function nextIndex(events: readonly EpisodeEvent[], type: 'action' | 'model-call'): number {
  let next = 0;
  for (const event of events) if (event.type === type) next = Math.max(next, event.index + 1);
  return next;
}

/** Runs work on one key in the order it was asked for, so that two parallel actions do not count the same position. */
function turns(): <Result>(key: string, work: () => Promise<Result>) => Promise<Result> {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const previous = last.get(key) ?? Promise.resolve();
    const mine = previous.then(work, work);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
