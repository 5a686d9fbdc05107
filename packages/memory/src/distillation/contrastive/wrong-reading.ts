import type { Demonstration } from '@skillrl/core';

import { classOf, namesClass, withoutNumbers } from '../names.ts';
import { treatmentPattern, treatmentsOf, unknownWord } from '../made-up-words.ts';
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
  const step = tried.find((treatment) => treatmentPattern(treatment) !== told?.means) ?? tried[0];
  if (step === undefined) {
    const last = trace.steps.at(-1);
    if (told === undefined || last === undefined) return undefined;
    return { ...untreated(unknown.word, told, attempt, words), steps: [0, last.index] };
  }
  const reading = treatmentPattern(step);
  if (reading === told?.means) return undefined;
  const better = told?.command ?? untriedCommand(tried.map(treatmentPattern), attempt);
  const command = better && forObject(better, step.things[0]!);
  const means = told?.means ?? (command && withoutNumbers(command).replace(` ${unknown.object}`, ''));
  return {
    title: `${place(task)}: "${unknown.word}" does not mean \`${reading}\``,
    pointOfFailure: `${at(step)} \`${step.action}\` was taken for "${unknown.word}", and the goal was not reached.`,
    flawedDecision: `Reading "${unknown.word}" as \`${reading}\`.`,
    correction:
      told !== undefined
        ? `A success shows that "${unknown.word}" means \`${told.means}\`.`
        : means === undefined
          ? `Treat the ${unknown.object} another way than \`${reading}\`.`
          : `Try another reading: \`${means}\` was not tried.`,
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

/** A treatment that other successes used and this attempt did not. */
function untriedCommand(tried: readonly string[], { demonstrations }: FailedAttempt): string | undefined {
  return demonstrations.flatMap(treatmentsShown).find((step) => !tried.includes(treatmentPattern(step)))?.action;
}

/** The command with its first thing replaced by another. */
function forObject(command: string, object: string): string {
  const first = readAction(command).things[0];
  return first === undefined || classOf(first) === first ? command : command.replace(first, object);
}
