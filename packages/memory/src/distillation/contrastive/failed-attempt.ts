import type { Demonstration, Episode, Task } from '@skillrl/core';

import type { DistilContext } from '../distiller.ts';
import { clusterOf } from '../goal.ts';
import { classOf, namesClass, wordsOf } from '../names.ts';
import { unknownWord } from '../made-up-words.ts';
import { readAction, readTrace, type Trace } from '../trace.ts';

/** A failure beside what is known of how it could have gone. */
export interface FailedAttempt {
  readonly task: Task;
  readonly trace: Trace;
  /** Class of the thing the goal is about, such as `mug`; `undefined` where none is recognised. */
  readonly object: string | undefined;
  /** Successes of the environment, the nearest first. */
  readonly demonstrations: readonly Demonstration[];
  /** The nearest success at a goal of the same kind: of the same family where there is one, then of the most similar goal. */
  readonly nearest: Demonstration | undefined;
  /** Demonstrations of the same family, whatever their goal. */
  readonly local: readonly Demonstration[];
}

/** What one failure teaches, before it becomes an entry. */
export interface Finding {
  readonly title: string;
  readonly pointOfFailure: string;
  readonly flawedDecision: string;
  readonly correction: string;
  readonly principle: string;
  readonly appliesWhen: string;
  /** First and last step it rests on. */
  readonly steps: readonly [number, number];
  /** Findings with equal keys in one family say the same. */
  readonly key: readonly string[];
  readonly instead?: { readonly avoid: string; readonly do: string };
  readonly order?: { readonly find: string; readonly places: readonly string[] };
  readonly procedure?: { readonly name: string; readonly means: string };
  /** True when it holds only where the episode was played. */
  readonly isLocal: boolean;
  /** The demonstration it was compared with, when the finding tells something of it. */
  readonly from?: Demonstration;
}

export function readFailure(episode: Episode, context: DistilContext): FailedAttempt {
  const { task } = episode;
  const trace = readTrace(episode);
  const demonstrations = context.demonstrations
    .filter(({ conditions, status }) => isOf(conditions?.environments, task.environment) && status !== 'quarantined')
    .toSorted((a, b) => nearness(b, task) - nearness(a, task) || (a.id < b.id ? -1 : 1));
  const unknown = unknownWord(trace, task)?.word;
  const isComparable = (demonstration: Demonstration): boolean =>
    demonstration.cluster === clusterOf(task) && speaksAlike(demonstration, unknown, task);
  const local = demonstrations.filter((demonstration) => isLocalTo(demonstration, task));
  return {
    task,
    trace,
    object: goalObject(trace, task, context.knownObjects ?? new Set()),
    demonstrations,
    nearest: demonstrations.find(isComparable),
    local,
  };
}

/**
 * Whether a success can tell what a goal asks for. What a word that the attempt never understood means, only a success of the same family that
 * speaks the word can tell, or one that acted on the word itself; and a success whose own goal has a word of its family tells nothing elsewhere.
 */
function speaksAlike(demonstration: Demonstration, unknown: string | undefined, task: Task): boolean {
  const { body, machine } = demonstration;
  if (isLocalTo(demonstration, task)) return unknown === undefined || namesClass(body.goal, unknown);
  const isOwnWord = (machine?.procedures ?? []).some(({ name }) => namesClass(body.goal, name));
  if (isOwnWord) return false;
  return (
    unknown === undefined ||
    body.steps.some(({ action }) => wordsOf(action).includes(unknown)) ||
    isPlain(demonstration, unknown)
  );
}

/** Whether a success for a goal with the word needed no more than getting things and leaving them: the word asks for nothing special. */
function isPlain({ body, machine }: Demonstration, word: string): boolean {
  if (!namesClass(body.goal, word)) return false;
  const facts = machine?.facts ?? [];
  return body.steps
    .map(({ action }) => readAction(action))
    .filter(({ things }) => things.length > 1)
    .every(
      ({ things: [thing, place = ''] }) =>
        namesClass(body.goal, classOf(place)) ||
        facts.some(({ subject, object }) => subject === thing && object === place),
    );
}

export function isLocalTo({ conditions }: Demonstration, { family }: Task): boolean {
  return family !== undefined && (conditions?.families?.includes(family) ?? false);
}

function nearness(demonstration: Demonstration, task: Task): number {
  const wanted = new Set(wordsOf(task.instruction));
  const shown = new Set(wordsOf(demonstration.body.goal));
  const common = [...wanted].filter((word) => shown.has(word)).length;
  return (isLocalTo(demonstration, task) ? 2 : 0) + common / Math.max(1, wanted.size + shown.size - common);
}

/** The first thing of the instruction that can be moved: known from the trace or from other episodes, and no place. */
function goalObject(trace: Trace, task: Task, known: ReadonlySet<string>): string | undefined {
  const places = new Set([...trace.places].map(classOf));
  const classes = new Set([
    ...[...trace.found.keys()].map(classOf),
    ...trace.steps.flatMap(({ things }) => (things.length > 1 ? [classOf(things[0]!)] : [])),
    ...known,
  ]);
  const words = wordsOf(task.instruction);
  const position = (name: string): number => words.findIndex((word) => namesClass(word, name.split(' ')[0] ?? name));
  return [...classes]
    .filter((name) => !places.has(name) && namesClass(task.instruction, name))
    .toSorted((a, b) => position(a) - position(b) || (a < b ? -1 : 1))[0];
}

function isOf(list: readonly string[] | undefined, value: string): boolean {
  return list === undefined || list.includes(value);
}
