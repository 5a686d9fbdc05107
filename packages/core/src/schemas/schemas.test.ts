import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { BankEntry } from '../bank-entry.ts';
import type { EpisodeEvent } from '../episode-event.ts';
import { anyLog } from '../../test-support/any-log.ts';
import { bankEntrySchema } from './bank-entry.ts';
import { episodeEventSchema, modelCallSchema, outcomeSchema } from './episode-event.ts';
import { parse } from './shared.ts';
import { purposeSchema, taskSchema } from './task.ts';

const throughJson = <Value>(value: Value): unknown => JSON.parse(JSON.stringify(value));

const event = {
  type: 'model-call',
  id: 'e1',
  episodeId: 'e',
  at: 1,
  index: 0,
  call: {
    id: 'c1',
    parent: 'c0',
    model: 'm',
    newMessages: [{ role: 'user', content: 'hello' }],
    newPromptIds: [1, 2],
    completion: 'go',
    promptTokens: 3,
    completionTokens: 2,
    recall: {
      namespace: 'default',
      bankRevision: 4,
      shown: [{ entryId: 'n', entryVersion: 1, propensity: 0.9 }],
      withheld: [{ entryId: 'm', entryVersion: 2, propensity: 1 }],
      tokens: 30,
      degraded: 'lexical only',
    },
    tokens: { completionIds: [5, 6], logprobs: [-0.1, 0], tokenizer: 'bpe' },
    confidence: 0.5,
  },
} as const satisfies EpisodeEvent;

const entry = {
  kind: 'lesson',
  id: 'n',
  version: 2,
  parentVersion: 1,
  namespace: 'default',
  scope: 'task',
  cluster: 'heat',
  title: 'Heat first',
  conditions: { environments: ['house'], families: ['h1'], types: ['heat'] },
  machine: {
    facts: [{ subject: 'mug 1', relation: 'in', object: 'cabinet 1' }],
    order: [{ find: 'mug', places: ['shelf'] }],
    instead: [{ avoid: 'put', do: 'heat' }],
    procedures: [{ name: 'dax', means: 'heat' }],
  },
  evidence: [{ episodeId: 'e', taskId: 't', steps: [0, 3], hash: 'h', trusted: true }],
  status: 'active',
  tokens: 12,
  madeBy: { method: 'contrastive', model: 'm', promptHash: 'p', promptTokens: 1, completionTokens: 2 },
  createdAt: 5,
  body: { pointOfFailure: 'a', flawedDecision: 'b', correction: 'c', principle: 'd', appliesWhen: 'e' },
} as const satisfies BankEntry;

describe('schemas', () => {
  it('give back every event as it went through JSON', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        for (const each of log)
          expect(parse(episodeEventSchema, throughJson(each), 'event')).toEqual(throughJson(each));
      }),
      { numRuns: 40 },
    );
    expect(parse(episodeEventSchema, throughJson(event), 'event')).toEqual(event);
  });

  it('keep no field from the types: an event or entry with all of them comes back whole', () => {
    const bodies = {
      demonstration: { goal: 'g', steps: [{ observation: 'o', action: 'a', why: 'w' }], result: 'r' },
      principle: { principle: 'p', appliesWhen: 'w' },
      lesson: entry.body,
    } as const;
    for (const [kind, body] of Object.entries(bodies)) {
      const whole = { ...entry, kind, body };
      expect(parse(bankEntrySchema, throughJson(whole), 'entry')).toEqual(whole);
    }
    const task = {
      id: 't',
      environment: 'h',
      instruction: 'i',
      family: 'f',
      type: 'y',
      split: 's',
      domainKind: 'divergent',
      maxSteps: 9,
    };
    expect(parse(taskSchema, throughJson(task), 'task')).toEqual(task);
    const observed = {
      type: 'observation',
      id: 'o',
      episodeId: 'e',
      at: 0,
      actionId: 'a',
      observation: 'x',
      trust: 'tool',
      reward: -1,
      facts: [],
      stateKey: 'k',
      changed: false,
      admissible: ['look'],
    };
    expect(parse(episodeEventSchema, throughJson(observed), 'event')).toEqual(observed);
  });

  it.each([
    ['a number that is not finite', { ...event, call: { ...event.call, promptTokens: Number.NaN } }],
    [
      'fewer log-probabilities than ids',
      { ...event, call: { ...event.call, tokens: { ...event.call.tokens, logprobs: [0] } } },
    ],
    [
      'a positive log-probability',
      { ...event, call: { ...event.call, tokens: { ...event.call.tokens, logprobs: [0, 0.5] } } },
    ],
    [
      'a propensity of zero',
      {
        ...event,
        call: {
          ...event.call,
          recall: { ...event.call.recall, shown: [{ ...event.call.recall.shown[0], propensity: 0 }] },
        },
      },
    ],
    ['an empty id', { ...event, id: '' }],
    ['a time before 1970', { ...event, at: -1 }],
    ['an unknown type', { ...event, type: 'episode-pause' }],
  ])('refuse an event with %s', (_what, broken) => {
    expect(() => parse(episodeEventSchema, broken, 'event')).toThrow(
      expect.objectContaining({ code: 'SCHEMA_MISMATCH' }),
    );
  });

  it.each([
    ['version 0', { ...entry, version: 0 }],
    ['no namespace', { ...entry, namespace: '' }],
    ['an unknown status', { ...entry, status: 'famous' }],
    ["another kind's body", { ...entry, kind: 'demonstration' }],
    ['an endless title', { ...entry, title: 'x'.repeat(501) }],
  ])('refuse an entry with %s', (_what, broken) => {
    expect(() => parse(bankEntrySchema, broken, 'entry')).toThrow(expect.objectContaining({ code: 'SCHEMA_MISMATCH' }));
  });

  it('say which field does not fit', () => {
    expect(() => parse(modelCallSchema, { ...event.call, confidence: 2 }, "call 'c1'")).toThrow(
      /The call 'c1' does not fit its schema: 'confidence': .+/,
    );
    expect(() => parse(purposeSchema, 'fun', 'purpose')).toThrow(/The purpose does not fit its schema: the value: .+/);
  });

  it('know every outcome, and a score only between 0 and 1', () => {
    const graded = { status: 'success', score: 1, source: 'grader', verified: true };
    for (const outcome of [
      graded,
      { status: 'truncated', limit: 'x' },
      { status: 'errored', error: { code: 'c', message: 'm' } },
    ]) {
      expect(parse(outcomeSchema, outcome, 'outcome')).toEqual(outcome);
    }
    expect(() => parse(outcomeSchema, { ...graded, score: 1.5 }, 'outcome')).toThrow(/'score'/);
  });
});
