import type { Episode, Outcome, Step, Trust } from './episode.ts';
import type {
  ActionEvent,
  EpisodeEndEvent,
  EpisodeEvent,
  EpisodeStartEvent,
  ModelCallEvent,
  ObservationEvent,
  OutcomeEvent,
} from './episode-event.ts';

/**
 * The episode that a list of events tells.
 *
 * The order of the list does not matter, and neither do repeated events: calls and steps stand by their index, the first end counts,
 * and of several outcomes the most trusted one counts, among equals the latest.
 *
 * @param events - of one episode; a prefix of its log, when its process died.
 * @returns `undefined` when there is no start: nothing was recorded, or it was erased.
 */
export function foldEpisode(events: Iterable<EpisodeEvent>): Episode | undefined {
  let start: EpisodeStartEvent | undefined;
  let initial: ObservationEvent | undefined;
  let end: EpisodeEndEvent | undefined;
  const outcomes: OutcomeEvent[] = [];
  const calls = new Map<string, ModelCallEvent>();
  const actions = new Map<string, ActionEvent>();
  const observations = new Map<string, ObservationEvent>();

  for (const event of events) {
    switch (event.type) {
      case 'episode-start':
        start = earlier(start, event);
        break;
      case 'model-call':
        calls.set(event.call.id, earlier(calls.get(event.call.id), event));
        break;
      case 'action':
        actions.set(event.actionId, earlier(actions.get(event.actionId), event));
        break;
      case 'observation':
        if (event.actionId === undefined) initial = earlier(initial, event);
        else observations.set(event.actionId, earlier(observations.get(event.actionId), event));
        break;
      case 'episode-end':
        end = earlier(end, event);
        break;
      case 'outcome':
        outcomes.push(event);
        break;
      case 'erased':
        break;
      default:
        event satisfies never;
    }
  }
  if (start === undefined) return undefined;

  return {
    id: start.episodeId,
    task: start.task,
    purpose: start.purpose,
    policy: start.policy,
    bankRevision: start.bankRevision,
    tags: start.tags ?? {},
    startedAt: start.at,
    initialObservation: initial?.observation,
    initialFacts: initial?.facts,
    calls: [...calls.values()]
      .toSorted((a, b) => a.index - b.index || compare(a.call.id, b.call.id))
      .map(({ call }) => call),
    steps: [...actions.values()].toSorted(byIndex).map((action) => step(action, observations.get(action.actionId))),
    end: end?.end,
    endedAt: end?.at,
    outcome: outcomeOf(outcomes),
  };
}

/** The start that counts: the earliest. */
export function startOf(starts: Iterable<EpisodeStartEvent>): EpisodeStartEvent | undefined {
  let start: EpisodeStartEvent | undefined;
  for (const event of starts) start = earlier(start, event);
  return start;
}

/** The outcome that counts: environment over grader over user over model or tool; a graded one over none; among equals the later, then the greater id. */
export function outcomeOf(outcomes: Iterable<OutcomeEvent>): Outcome | undefined {
  let outcome: OutcomeEvent | undefined;
  for (const event of outcomes) outcome = outcome === undefined || outweighs(event, outcome) ? event : outcome;
  return outcome && reliable(outcome.outcome);
}

function step(action: ActionEvent, answer: ObservationEvent | undefined): Step {
  return {
    index: action.index,
    actionId: action.actionId,
    action: action.action,
    callIds: action.callIds ?? [],
    observation: answer?.observation,
    trust: answer?.trust,
    reward: answer?.reward ?? 0,
    facts: answer?.facts,
    stateKey: answer?.stateKey,
    changed: answer?.changed,
    admissible: answer?.admissible,
  };
}

const trustRank: Record<Trust, number> = { environment: 4, grader: 3, user: 2, model: 1, tool: 1 };

function outweighs(candidate: OutcomeEvent, current: OutcomeEvent): boolean {
  const difference = rank(candidate.outcome) - rank(current.outcome);
  return difference !== 0 ? difference > 0 : later(candidate, current);
}

function rank(outcome: Outcome): number {
  return 'source' in outcome ? trustRank[outcome.source] + (reliable(outcome).verified ? 10 : 0) : 0;
}

/** A model's or a tool's own report verifies nothing, whatever it says of itself. */
function reliable<Said extends Outcome>(outcome: Said): Said {
  const isSelfReport = 'source' in outcome && (outcome.source === 'model' || outcome.source === 'tool');
  return isSelfReport ? { ...outcome, verified: false } : outcome;
}

function later(a: EpisodeEvent, b: EpisodeEvent): boolean {
  return a.at !== b.at ? a.at > b.at : compare(a.id, b.id) > 0;
}

function earlier<Event extends EpisodeEvent>(current: Event | undefined, candidate: Event): Event {
  return current === undefined || later(current, candidate) ? candidate : current;
}

function byIndex(a: ActionEvent, b: ActionEvent): number {
  return a.index - b.index || compare(a.actionId, b.actionId);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
