import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Episode, Outcome, Trust } from './episode.ts';
import type { EpisodeEvent, OutcomeEvent } from './episode-event.ts';
import { foldEpisode } from './fold-episode.ts';
import { anyLog, anyPlan, logOf, permutationOf, rewritingOf } from '../test-support/any-log.ts';

describe('foldEpisode', () => {
  it('knows no episode without a start', () => {
    expect(foldEpisode([])).toBeUndefined();
    fc.assert(
      fc.property(anyLog, (log) => {
        expect(foldEpisode(log.filter((event) => event.type !== 'episode-start'))).toBeUndefined();
      }),
    );
  });

  it('gives the same episode for the same events in any order', () => {
    fc.assert(
      fc.property(anyLog.chain(withPermutation), ([log, shuffled]) => {
        expect(foldEpisode(shuffled)).toEqual(foldEpisode(log));
      }),
    );
  });

  it('gives the same episode when events come several times', () => {
    const repeated = anyLog.chain((log) =>
      fc.tuple(fc.constant(log), fc.subarray([...log, ...log]).chain(permutationOf)),
    );
    fc.assert(
      fc.property(repeated, ([log, again]) => {
        expect(foldEpisode([...log, ...again])).toEqual(foldEpisode(log));
        expect(foldEpisode([...again, ...log])).toEqual(foldEpisode(log));
      }),
    );
  });

  it('believes what was written first when it is written again, later and otherwise', () => {
    const rewritten = anyPlan.chain(logOf).chain((log) => fc.tuple(fc.constant(log), rewritingOf(log)));
    fc.assert(
      fc.property(rewritten, ([log, again]) => {
        expect(foldEpisode([...log, ...again])).toEqual(foldEpisode(log));
        expect(foldEpisode([...again, ...log])).toEqual(foldEpisode(log));
      }),
    );
  });

  it('gives the same steps however parallel actions were interleaved', () => {
    const twice = anyPlan.chain((plan) => fc.tuple(fc.constant(plan), logOf(plan), logOf(plan)));
    fc.assert(
      fc.property(twice, ([plan, one, other]) => {
        const [first, second] = [foldEpisode(one)!, foldEpisode(other)!];
        expect(second.steps).toEqual(first.steps);
        expect(second.calls).toEqual(first.calls);
        expect(first.steps.map(({ action }) => action)).toEqual(
          plan.flatMap(({ actions }) => actions.map(({ action }) => action)),
        );
        expect(first.calls.map(({ id }) => id)).toEqual(plan.map(({ callId }) => callId));
      }),
    );
  });

  it('keeps from a crash at any point what was recorded, and nothing else', () => {
    fc.assert(
      fc.property(anyLog.chain(withCut), ([log, cut]) => {
        const recorded = log.slice(0, cut);
        const whole = foldEpisode(log)!;
        const left = foldEpisode(recorded);
        expect(left === undefined).toBe(!recorded.some(({ type }) => type === 'episode-start'));
        if (left !== undefined) expectPart(left, whole);
      }),
    );
  });

  it('replays to the same episode when a crashed recorder writes again from any point before', () => {
    const resumed = anyLog
      .chain(withCut)
      .chain(([log, cut]) => fc.tuple(fc.constant(log), fc.constant(cut), fc.nat(cut)));
    fc.assert(
      fc.property(resumed, ([log, cut, from]) => {
        expect(foldEpisode([...log.slice(0, cut), ...log.slice(from)])).toEqual(foldEpisode(log));
      }),
    );
  });

  it('counts the first end: a sweep changes nothing of an episode that had ended', () => {
    fc.assert(
      fc.property(anyLog, fc.integer({ min: 1, max: 1000 }), (log, later) => {
        const end = log.find((event) => event.type === 'episode-end')!;
        const swept = { ...end, id: 'swept', at: end.at + later, end: 'interrupted' } as const;
        expect(foldEpisode([...log, swept])).toEqual(foldEpisode(log));
        expect(foldEpisode([swept, ...log])).toEqual(foldEpisode(log));
        expect(foldEpisode([...log.filter(({ type }) => type !== 'episode-end'), swept])?.end).toBe('interrupted');
      }),
    );
  });

  it('leaves an outcome unknown when none came', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const ungraded = log.filter((event) => event.type !== 'outcome');
        expect(foldEpisode(ungraded)?.outcome).toBeUndefined();
        expect({ ...foldEpisode(log), outcome: undefined }).toEqual(foldEpisode(ungraded));
      }),
    );
  });

  it('skips what was erased', () => {
    fc.assert(
      fc.property(
        anyLog.chain((log) => fc.tuple(fc.constant(log), fc.subarray([...log]))),
        ([log, gone]) => {
          const erased = log.map((event): EpisodeEvent =>
            gone.includes(event)
              ? { type: 'erased', id: event.id, episodeId: event.episodeId, at: event.at, hash: 'h' }
              : event,
          );
          expect(foldEpisode(erased)).toEqual(foldEpisode(log.filter((event) => !gone.includes(event))));
        },
      ),
    );
  });
});

it('carries all that events say', () => {
  const head = { episodeId: 'e' } as const;
  const task = { id: 't', environment: 'house', instruction: 'go', domainKind: 'convergent' } as const;
  const facts = [{ subject: 'mug 1', relation: 'in', object: 'cabinet 3' }];
  const call = (id: string) => ({
    id,
    model: 'm',
    newMessages: [],
    completion: id,
    promptTokens: 1,
    completionTokens: 1,
  });
  const outcome = { status: 'success', score: 1, source: 'environment', verified: true } as const;
  const answer = { observation: 'done', trust: 'tool', reward: 1, facts, stateKey: 's', changed: true } as const;
  const log: EpisodeEvent[] = [
    {
      ...head,
      type: 'episode-start',
      id: '1',
      at: 10,
      task,
      purpose: 'gate',
      policy: { name: 'p', version: '2' },
      bankRevision: 7,
      tags: { arm: 'skills' },
    },
    { ...head, type: 'observation', id: '2', at: 11, observation: 'a room', facts },
    // Of two calls or actions with one position the id decides.
    { ...head, type: 'model-call', id: '3', at: 12, index: 0, call: call('y') },
    { ...head, type: 'model-call', id: '4', at: 12, index: 0, call: call('x') },
    { ...head, type: 'model-call', id: '5', at: 12, index: 1, call: call('a') },
    { ...head, type: 'action', id: '6', at: 13, actionId: 'b', index: 0, action: 'look', callIds: ['x', 'y'] },
    { ...head, type: 'action', id: '7', at: 13, actionId: 'a', index: 0, action: 'wait' },
    { ...head, type: 'observation', id: '8', at: 14, actionId: 'b', ...answer, admissible: ['look'] },
    { ...head, type: 'episode-end', id: '9', at: 15, end: 'terminated' },
    { ...head, type: 'outcome', id: '10', at: 99, outcome },
  ];
  const untold = { observation: undefined, trust: undefined, facts: undefined, stateKey: undefined };
  expect(foldEpisode(log)).toStrictEqual({
    id: 'e',
    task,
    purpose: 'gate',
    policy: { name: 'p', version: '2' },
    bankRevision: 7,
    tags: { arm: 'skills' },
    startedAt: 10,
    initialObservation: 'a room',
    initialFacts: facts,
    calls: [call('x'), call('y'), call('a')],
    steps: [
      {
        index: 0,
        actionId: 'a',
        action: 'wait',
        callIds: [],
        reward: 0,
        ...untold,
        changed: undefined,
        admissible: undefined,
      },
      { index: 0, actionId: 'b', action: 'look', callIds: ['x', 'y'], ...answer, admissible: ['look'] },
    ],
    end: 'terminated',
    endedAt: 15,
    outcome,
  });
});

describe('the outcome that counts', () => {
  const start = { type: 'episode-start', id: 's', episodeId: 'e', at: 0, purpose: 'train' } as const;
  const task = { id: 't', environment: 'house', instruction: 'go', domainKind: 'convergent' } as const;
  const log = [{ ...start, task, policy: { name: 'p', version: '1' } }] satisfies EpisodeEvent[];
  const said = (
    source: Trust,
    verified: boolean,
    at: number,
    status: 'success' | 'failure' = 'success',
  ): OutcomeEvent => ({
    type: 'outcome',
    id: `${source}-${at}`,
    episodeId: 'e',
    at,
    outcome: { status, score: status === 'success' ? 1 : 0, source, verified },
  });
  const counted = (...outcomes: readonly OutcomeEvent[]): Outcome | undefined => {
    const forwards = foldEpisode([...log, ...outcomes])?.outcome;
    expect(foldEpisode([...outcomes.toReversed(), ...log])?.outcome).toEqual(forwards);
    return forwards;
  };

  it('is that of the more trusted source: environment, grader, user, then model or tool', () => {
    const sources = ['tool', 'user', 'grader', 'environment'] as const;
    for (const [position, source] of sources.entries()) {
      for (const less of sources.slice(0, position)) {
        expect(counted(said(source, true, 1), said(less, true, 2))).toMatchObject({ source });
      }
    }
  });

  it('is a verified one rather than one that is not', () => {
    expect(counted(said('user', true, 1), said('environment', false, 2))).toMatchObject({ source: 'user' });
  });

  it('is never verified by a model or a tool, whatever it says of itself', () => {
    for (const source of ['model', 'tool'] as const) {
      expect(counted(said(source, true, 1))).toMatchObject({ source, verified: false });
      expect(counted(said(source, true, 1), said('user', false, 0))).toMatchObject({ source: 'user' });
    }
  });

  it('is the later of two equally trusted ones', () => {
    expect(counted(said('user', true, 1), said('user', true, 2, 'failure'))).toMatchObject({ status: 'failure' });
    expect(counted(said('tool', false, 5), said('model', false, 4, 'failure'))).toMatchObject({ status: 'success' });
  });

  it('is a graded one rather than a truncation or an error, which anyone outweighs', () => {
    const limit: OutcomeEvent = {
      ...said('user', true, 9),
      id: 'limit',
      outcome: { status: 'truncated', limit: 'tokens' },
    };
    const failed: OutcomeEvent = {
      ...limit,
      id: 'failed',
      at: 10,
      outcome: { status: 'errored', error: { code: 'X', message: 'x' } },
    };
    expect(counted(limit, said('model', false, 1))).toMatchObject({ source: 'model' });
    expect(counted(limit, failed)).toMatchObject({ status: 'errored' });
  });
});

function withPermutation(log: readonly EpisodeEvent[]): fc.Arbitrary<[readonly EpisodeEvent[], EpisodeEvent[]]> {
  return fc.tuple(fc.constant(log), permutationOf(log));
}

function withCut(log: readonly EpisodeEvent[]): fc.Arbitrary<[readonly EpisodeEvent[], number]> {
  return fc.tuple(fc.constant(log), fc.nat(log.length));
}

/** What was kept says nothing that the whole does not say; only answers, the end and the outcome may be missing. */
function expectPart(left: Episode, whole: Episode): void {
  expect({
    ...left,
    calls: [],
    steps: [],
    end: undefined,
    endedAt: undefined,
    outcome: undefined,
    ...initialOf(whole),
  }).toEqual({
    ...whole,
    calls: [],
    steps: [],
    end: undefined,
    endedAt: undefined,
    outcome: undefined,
  });
  for (const call of left.calls) expect(whole.calls).toContainEqual(call);
  for (const step of left.steps) {
    const same = whole.steps.find(({ actionId }) => actionId === step.actionId)!;
    if (step.observation !== undefined) expect(step).toEqual(same);
    else expect([step.index, step.action, step.callIds]).toEqual([same.index, same.action, same.callIds]);
  }
  expect([undefined, whole.end]).toContain(left.end);
}

function initialOf({ initialObservation, initialFacts }: Episode): Partial<Episode> {
  return { initialObservation, initialFacts };
}
