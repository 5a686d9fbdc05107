import {
  contentHash,
  foldEpisode,
  type BankEntry,
  type Demonstration,
  type Episode,
  type EpisodeEnd,
  type EpisodeEvent,
  type Evidence,
  type Fact,
  type Lesson,
  type ModelCall,
  type Outcome,
  type Principle,
  type Purpose,
  type Step,
  type Task,
} from '@skillrl/core';

let made = 0;

/** A name that no other builder call of this process gave: `task-7`. */
function unique(prefix: string): string {
  made += 1;
  return `${prefix}-${made}`;
}

/** A household task with an id of its own. */
export function aTask(overrides: Partial<Task> = {}): Task {
  return {
    id: unique('task'),
    environment: 'house',
    instruction: 'put a hot mug in the cabinet',
    family: 'house-1',
    type: 'heat_then_place',
    split: 'train',
    domainKind: 'convergent',
    ...overrides,
  };
}

/** A success that the environment itself reported. */
export const verifiedSuccess: Outcome = { status: 'success', score: 1, source: 'environment', verified: true };

/** A failure that the environment itself reported. */
export const verifiedFailure: Outcome = { status: 'failure', score: 0, source: 'environment', verified: true };

/** What an episode of a test is like; all of it has a default. */
export interface EpisodeSketch {
  readonly id?: string;
  readonly task?: Task;
  readonly purpose?: Purpose;
  readonly policy?: { readonly name: string; readonly version: string };
  readonly bankRevision?: number;
  readonly tags?: Readonly<Record<string, string>>;
  /** Time of the start; each event comes a millisecond after the one before. Default 1000. */
  readonly startedAt?: number;
  readonly initialObservation?: string;
  readonly initialFacts?: readonly Fact[];
  /** Model calls, each an event before the action with the same position; surplus calls come last. Default none. */
  readonly calls?: readonly ModelCall[];
  /** Default: three steps that heat a mug and put it away. */
  readonly steps?: readonly (Pick<Step, 'action'> & Partial<Step>)[];
  /** `null` for an episode that has not ended. Default `terminated`. */
  readonly end?: EpisodeEnd | null;
  /** `null` for an unknown outcome. Default a verified success. */
  readonly outcome?: Outcome | null;
}

/** The log of an episode, in the order in which a recorder would have appended it. */
export function episodeEvents(sketch: EpisodeSketch = {}): EpisodeEvent[] {
  const { id = unique('episode'), task = aTask(), purpose = 'train', startedAt = 1000 } = sketch;
  const { policy = { name: 'scripted', version: '1' }, calls = [], steps = heatingMug } = sketch;
  const { end = 'terminated', outcome = verifiedSuccess, bankRevision, tags } = sketch;
  const { initialObservation = 'You are in a kitchen.', initialFacts } = sketch;
  const events: EpisodeEvent[] = [];
  const head = () => ({ id: `${id}/${events.length}`, episodeId: id, at: startedAt + events.length });
  const appendCall = (call: ModelCall, index: number): void => {
    events.push({ ...head(), type: 'model-call', index, call });
  };

  events.push({ ...head(), type: 'episode-start', task, purpose, policy, bankRevision, tags });
  events.push({ ...head(), type: 'observation', observation: initialObservation, facts: initialFacts });
  for (const [index, step] of steps.entries()) {
    const call = calls[index];
    if (call !== undefined) appendCall(call, index);
    const actionId = step.actionId ?? `${id}/action-${index}`;
    const callIds = step.callIds ?? (call === undefined ? undefined : [call.id]);
    events.push({ ...head(), type: 'action', actionId, index, action: step.action, callIds });
    const { observation = 'Nothing happens.', trust, reward, facts, stateKey, changed, admissible } = step;
    const answer = { observation, trust, reward, facts, stateKey, changed, admissible };
    events.push({ ...head(), type: 'observation', actionId, ...answer });
  }
  for (const [index, call] of calls.entries()) if (index >= steps.length) appendCall(call, index);
  if (end !== null) events.push({ ...head(), type: 'episode-end', end });
  if (outcome !== null) events.push({ ...head(), type: 'outcome', outcome });
  return events;
}

/** An episode as the store would fold it. */
export function anEpisode(sketch: EpisodeSketch = {}): Episode {
  const episode = foldEpisode(episodeEvents(sketch));
  if (episode === undefined) throw new Error('The sketch made an episode without a start.');
  return episode;
}

const heatingMug: readonly (Pick<Step, 'action'> & Partial<Step>)[] = [
  { action: 'take mug 1 from table 1', observation: 'You take the mug 1.', changed: true },
  { action: 'heat mug 1 with microwave 1', observation: 'You heat the mug 1.', changed: true },
  { action: 'put mug 1 in cabinet 1', observation: 'You put the mug 1.', changed: true, reward: 1 },
];

/** A short call of a model that said `completion`. */
export function aModelCall(overrides: Partial<ModelCall> = {}): ModelCall {
  return {
    id: unique('call'),
    model: 'scripted',
    newMessages: [{ role: 'user', content: 'What now?' }],
    completion: 'take mug 1 from table 1',
    promptTokens: 12,
    completionTokens: 6,
    ...overrides,
  };
}

/** Trusted evidence from an episode of its own. */
export function someEvidence(overrides: Partial<Evidence> = {}): Evidence {
  const episodeId = overrides.episodeId ?? unique('episode');
  return { episodeId, taskId: unique('task'), hash: contentHash(episodeId), trusted: true, ...overrides };
}

type Changes<Entry extends BankEntry> = Partial<Omit<Entry, 'kind'>>;

const entryBase = (kind: BankEntry['kind']) =>
  ({
    id: unique(kind),
    version: 1,
    namespace: 'default',
    scope: 'task',
    cluster: 'heat_then_place',
    evidence: [someEvidence()],
    status: 'active',
    tokens: 40,
    createdAt: 1000,
  }) as const;

export function aDemonstration(changes: Changes<Demonstration> = {}): Demonstration {
  return {
    ...entryBase('demonstration'),
    kind: 'demonstration',
    title: 'Heating a mug and putting it away',
    body: {
      goal: 'put a hot mug in the cabinet',
      steps: [
        { observation: 'On the table 1, you see a mug 1.', action: 'take mug 1 from table 1' },
        { action: 'heat mug 1 with microwave 1', why: 'the mug must be hot' },
        { action: 'put mug 1 in cabinet 1' },
      ],
      result: 'the hot mug is in the cabinet',
    },
    madeBy: { method: 'demonstration' },
    ...changes,
  };
}

export function aLesson(changes: Changes<Lesson> = {}): Lesson {
  return {
    ...entryBase('lesson'),
    kind: 'lesson',
    title: 'Heat before putting away',
    body: {
      pointOfFailure: 'The mug was put in the cabinet cold.',
      flawedDecision: 'put mug 1 in cabinet 1 straight after taking it',
      correction: 'heat mug 1 with microwave 1 first',
      principle: 'Change the state of an object before bringing it to its place.',
      appliesWhen: 'the goal asks for a hot object',
    },
    madeBy: { method: 'contrastive' },
    ...changes,
  };
}

export function aPrinciple(changes: Changes<Principle> = {}): Principle {
  return {
    ...entryBase('principle'),
    kind: 'principle',
    title: 'Do what the goal says, in its order',
    body: {
      principle: 'Read the goal for what must be true at the end, then make each part true in turn.',
      appliesWhen: 'a goal has several parts',
    },
    madeBy: { method: 'person' },
    ...changes,
  };
}
