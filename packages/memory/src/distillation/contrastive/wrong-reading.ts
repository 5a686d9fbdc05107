import type { Demonstration } from '@skillrl/core';

import { classOf, namesClass } from '../names.ts';
import { treatmentPattern, treatmentsOf, unknownWord, wordEvidence } from '../made-up-words.ts';
import { readAction, type ReadAction } from '../trace.ts';
import type { FailedAttempt, Finding } from './failed-attempt.ts';
import { at, place, type Words } from './wording.ts';

/** A word of the instruction that the agent took to mean something it does not mean, or did nothing about. */
export function wrongReading(attempt: FailedAttempt, words: Words): Finding | undefined {
  const { task, trace } = attempt;
  const unknown = unknownWord(trace, task);
  if (unknown === undefined) return undefined;

  const tried = treatmentsOf(unknown.object, trace, task.instruction);
  const told = meaningIn(attempt.local, unknown.word);
  if (tried.length === 0 && told !== undefined) {
    return { ...untreated(unknown.word, told, attempt, words), steps: [0, trace.steps.at(-1)?.index ?? 0] };
  }
  // A reading is refuted by a success that tells another, or when a thing so treated was delivered and the goal was not reached. Running out of
  // steps on the way refutes nothing.
  const refuted = new Set(wordEvidence(trace, { task })?.noneOf ?? []);
  const step = tried.find((treatment) => {
    const reading = treatmentPattern(treatment);
    return told === undefined ? refuted.has(reading) : reading !== told.means;
  });
  if (step === undefined) return undefined;
  const reading = treatmentPattern(step);
  const untried = told === undefined ? untriedTreatments(tried.map(treatmentPattern), attempt) : [];
  const command = told?.command && forObject(told.command, step.things[0]!);
  return {
    title: `${place(task)}: "${unknown.word}" does not mean \`${reading}\``,
    pointOfFailure: `${at(step)} \`${step.action}\` was taken for "${unknown.word}", and the goal was not reached.`,
    flawedDecision: `Reading "${unknown.word}" as \`${reading}\`.`,
    correction:
      told !== undefined
        ? `A success shows that "${unknown.word}" means \`${told.means}\`.`
        : untried.length === 0
          ? `Treat the ${unknown.object} another way than \`${reading}\`.`
          : `Try another reading; not tried: ${untried.map((means) => `\`${means}\``).join(', ')}.`,
    principle: `When a word of the goal is unknown and one reading of it failed, take another one.`,
    appliesWhen: `${words.where} the goal says "${unknown.word}".`,
    steps: [step.index, step.index],
    key: ['reading', unknown.word, reading],
    instead: command === undefined ? undefined : { avoid: step.action, do: command },
    procedure: told && { name: unknown.word, means: told.means },
    isLocal: true,
    from: told?.demonstration,
  };
}

interface Told {
  readonly means: string;
  readonly command: string | undefined;
  readonly demonstration: Demonstration;
}

function untreated(word: string, told: Told, { task }: FailedAttempt, words: Words): Omit<Finding, 'steps'> {
  return {
    title: `${place(task)}: "${word}" means \`${told.means}\``,
    pointOfFailure: `Nothing was done about "${word}" before the end.`,
    flawedDecision: `Passing over a word of the goal that was not understood.`,
    correction: `A success shows that "${word}" means \`${told.means}\`.`,
    principle: `Every word of the goal asks for something; find out what an unknown one asks for before delivering.`,
    appliesWhen: `${words.where} the goal says "${word}".`,
    key: ['untreated', word, told.means],
    procedure: { name: word, means: told.means },
    isLocal: true,
    from: told.demonstration,
  };
}

function meaningIn(demonstrations: readonly Demonstration[], word: string): Told | undefined {
  for (const demonstration of demonstrations) {
    const means = demonstration.machine?.procedures?.find(({ name }) => name === word)?.means;
    if (means === undefined) continue;
    return { means, command: commandFor(means, demonstration), demonstration };
  }
  return undefined;
}

function commandFor(means: string, demonstration: Demonstration): string | undefined {
  return treatmentsShown(demonstration).find((step) => treatmentPattern(step) === means)?.action;
}

/** What a demonstration does to its object apart from fetching and delivering it. */
function treatmentsShown({ body, machine }: Demonstration): ReadAction[] {
  const isFetched = (thing: string, from: string): boolean =>
    machine?.facts?.some(({ subject, object }) => subject === thing && object === from) ?? false;
  return body.steps
    .map(({ action }) => readAction(action))
    .filter(({ things: [thing, other] }) => {
      if (thing === undefined || other === undefined) return false;
      return !isFetched(thing, other) && !namesClass(body.goal, classOf(other));
    });
}

/** Treatments that other successes used and this attempt did not: a few, in the order of their names. */
function untriedTreatments(tried: readonly string[], { demonstrations }: FailedAttempt): string[] {
  const shown = new Set(demonstrations.flatMap(treatmentsShown).map(treatmentPattern));
  return [...shown]
    .filter((pattern) => !tried.includes(pattern))
    .toSorted()
    .slice(0, 3);
}

/** The command with its first thing replaced by another. */
function forObject(command: string, object: string): string {
  const first = readAction(command).things[0];
  return first === undefined || classOf(first) === first ? command : command.replace(first, object);
}
