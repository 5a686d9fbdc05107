import type { Episode } from '@skillrl/core';

import type { LessonDraft } from '../src/distillation/lesson-draft.ts';
import { numberedNames } from '../src/distillation/names.ts';
import { pickOne } from './house-episodes.ts';

type Random = () => number;
type Step = Episode['steps'][number];

/** Rules as models word them: everyday words, some of which are also names of things. */
const principles = [
  'Search the likely places first and each place once.',
  'When an action changes nothing, do something else; watch the answer before repeating it.',
  'The safe choice is to take what the task names as soon as it is seen.',
  'Keep the goal in mind and plate up the work in small parts.',
  'Finish one part of the task before starting the next one.',
  'Do not go back and forth: each detour costs a step.',
  'Check the table of what was done against the goal before delivering.',
  'If the instruction uses an unknown word, test its meanings one at a time.',
  'Treat an object before it is put away, not afterwards.',
  'Open what is closed before deciding that it is empty.',
];
const situations = [
  'The steps are running out and the object has not been found.',
  'The same answer comes twice in a row.',
  'The task asks for one kind of thing and something else is at hand.',
  'A place has been searched already.',
  'An instruction names a treatment.',
];

/** A lesson that holds for a failed episode, worded in one of several ways. */
export function validDraft(episode: Episode, random: Random): LessonDraft {
  return pickOne(random, [quoting, comparing, plainWords, proposing, summing, counting, listing])(episode, random);
}

function quoting(episode: Episode, random: Random): LessonDraft {
  const step = stepWithNames(episode, random);
  return {
    title: 'A command that did not help',
    pointOfFailure: `At step ${step.index} the agent gave \`${step.action}\` and got no further.`,
    flawedDecision: `Choosing \`${step.action}\` at that moment.`,
    correction: 'It should have turned to what the task asks for.',
    principle: pickOne(random, principles),
    appliesWhen: pickOne(random, situations),
    citations: [cite(step)],
    objects: [...new Set(numberedNames(step.action))],
  };
}

function comparing(episode: Episode, random: Random): LessonDraft {
  const [one, other] = [stepWithNames(episode, random), stepWithNames(episode, random)];
  return {
    title: 'Time lost between two acts',
    pointOfFailure: `The agent did \`${one.action}\` at step ${one.index}. At step ${other.index} it did \`${other.action}\`, and neither brought the goal nearer.`,
    flawedDecision: `Steps ${one.index} and ${other.index} were spent on ${listOf([...new Set(numberedNames(`${one.action} ${other.action}`))])}.`,
    correction: `Between step ${one.index} and step ${other.index} the search should have gone elsewhere.`,
    principle: pickOne(random, principles),
    appliesWhen: pickOne(random, situations),
    citations: [cite(one), cite(other)],
    objects: [...new Set(numberedNames(`${one.action} ${other.action}`))],
  };
}

function plainWords(episode: Episode, random: Random): LessonDraft {
  const step = stepWithNames(episode, random);
  const names = [...new Set(numberedNames(step.action))];
  return {
    title: `No use of ${names[0]}`,
    pointOfFailure: `In step ${step.index} the agent turned to ${listOf(names)}, which the goal did not need.`,
    flawedDecision: `It acted on the ${names[0]} without asking what the task wants.`,
    correction: 'Look for the object of the task in places not searched yet.',
    principle: pickOne(random, principles),
    appliesWhen: pickOne(random, situations),
    citations: [cite(step)],
    objects: names,
  };
}

function proposing(episode: Episode, random: Random): LessonDraft {
  const [wrong, better] = [stepWithNames(episode, random), stepWithNames(episode, random)];
  return {
    title: 'What should have come first',
    pointOfFailure: `At step ${wrong.index} came \`${wrong.action}\`.`,
    flawedDecision: `Doing \`${wrong.action}\` instead of \`${better.action}\`.`,
    correction: `\`${better.action}\` would have been better.`,
    principle: pickOne(random, principles),
    appliesWhen: pickOne(random, situations),
    citations: [cite(wrong), cite(better)],
    objects: [...new Set(numberedNames(`${wrong.action} ${better.action}`))],
    instead: { avoid: wrong.action, do: better.action },
  };
}

function summing(episode: Episode, random: Random): LessonDraft {
  const first = Math.floor(random() * (episode.steps.length - 3));
  const steps = episode.steps.slice(first, first + 3);
  const names = [...new Set(steps.flatMap(({ action }) => numberedNames(action)))].slice(0, 3);
  return {
    title: 'Three steps without progress',
    pointOfFailure: `From step ${steps[0]!.index} to step ${steps.at(-1)!.index} the agent only moved about${names.length > 0 ? `, between ${listOf(names)}` : ''}.`,
    flawedDecision: 'It did not ask which part of the goal was still open.',
    correction: 'The next open part of the goal should have been done.',
    principle: pickOne(random, principles),
    appliesWhen: pickOne(random, situations),
    citations: steps.map(cite),
    objects: names,
  };
}

/** As models count: how often, in how many steps, how many more. */
function counting(episode: Episode, random: Random): LessonDraft {
  const step = stepWithNames(episode, random);
  const times = episode.steps.filter(({ action }) => action === step.action).length + 1;
  const told = pickOne(random, [
    `\`${step.action}\` was given ${times} times out of ${episode.steps.length} steps`,
    `within ${episode.steps.length} moves the agent fell back on \`${step.action}\` and tried ${times} other commands like it`,
    `only 1 of 3 parts of the goal was done when \`${step.action}\` came, with ${times} more to go`,
  ]);
  return {
    title: 'One command too often',
    pointOfFailure: `Around step ${step.index}, ${told}.`,
    flawedDecision: `Spending ${times} turns on one command.`,
    correction: `After 2 answers of the same kind, it should have gone elsewhere; ${times} attempts are too many.`,
    principle: pickOne(random, principles),
    appliesWhen: pickOne(random, situations),
    citations: [cite(step)],
    objects: [...new Set(numberedNames(step.action))],
  };
}

/** Many things in one sentence, without a step beside each. */
function listing(episode: Episode, random: Random): LessonDraft {
  const steps = [...new Set(Array.from({ length: 4 }, () => stepWithNames(episode, random)))];
  const names = [...new Set(steps.flatMap(({ action }) => numberedNames(action)))];
  return {
    title: 'A search without a plan',
    pointOfFailure: `The agent turned to ${listOf(names)} and never asked which of them could matter; ${names.length} names, no result.`,
    flawedDecision: 'It went on as it had begun.',
    correction: `Whoever has been to ${pickOne(random, names)} once need not come back: look at what is left.`,
    principle: pickOne(random, principles),
    appliesWhen: pickOne(random, situations),
    citations: steps.map(cite),
    objects: names,
  };
}

export type Mutation = 'wrong step' | 'invented action' | 'swapped object';

/**
 * The draft with one thing made untrue.
 *
 * @param others - episodes to take foreign actions and objects from.
 * @returns `undefined` when this draft offers nothing to mutate in that way.
 */
export function mutated(
  draft: LessonDraft,
  mutation: Mutation,
  episode: Episode,
  others: readonly Episode[],
  random: Random,
): LessonDraft | undefined {
  switch (mutation) {
    case 'wrong step':
      return wrongStep(draft, episode, random);
    case 'invented action':
      return inventedAction(draft, episode, others, random);
    case 'swapped object':
      return swappedObject(draft, episode, others, random);
    default:
      return mutation satisfies never;
  }
}

/** A step number changed in the citations, in the prose, or in both: to one where something else was done, or to one that does not exist. */
function wrongStep(draft: LessonDraft, episode: Episode, random: Random): LessonDraft | undefined {
  const { step, action } = pickOne(random, draft.citations);
  const wrong = Math.floor(random() * (episode.steps.length + 8));
  if (episode.steps[wrong]?.action === action || draft.citations.some((citation) => citation.step === wrong))
    return undefined;
  const citations = draft.citations.map((citation) =>
    citation.step === step ? { ...citation, step: wrong } : citation,
  );
  const inProse = inText(draft, (text) => text.replace(new RegExp(`\\b${step}\\b`, 'u'), String(wrong)));
  const proseChanged =
    inProse.pointOfFailure !== draft.pointOfFailure || inProse.flawedDecision !== draft.flawedDecision;
  const where = random();
  if (where < 0.4 || !proseChanged) return { ...draft, citations };
  return where < 0.7 ? inProse : { ...inProse, citations };
}

/** An action that was never taken, cited or quoted in place of one that was: of another episode, or of no episode at all. */
function inventedAction(
  draft: LessonDraft,
  episode: Episode,
  others: readonly Episode[],
  random: Random,
): LessonDraft | undefined {
  const { action } = pickOne(random, draft.citations);
  const foreign = pickOne(random, pickOne(random, others).steps).action;
  const name = numberedNames(action)[0] ?? 'lamp 1';
  const invented = pickOne(random, [
    foreign,
    `polish ${name}`,
    `ask the owner about ${name}`,
    `throw ${name} out of the window`,
    'teleport home',
  ]);
  if (episode.steps.some((step) => step.action === invented)) return undefined;
  const citations = draft.citations.map((citation) =>
    citation.action === action ? { ...citation, action: invented } : citation,
  );
  const quoted = inText(draft, (text) => text.replaceAll(`\`${action}\``, `\`${invented}\``));
  const isQuoted = quoted.flawedDecision !== draft.flawedDecision || quoted.pointOfFailure !== draft.pointOfFailure;
  const where = random();
  if (where < 0.5 || !isQuoted) return { ...draft, citations };
  return where < 0.75 ? quoted : { ...quoted, citations };
}

/** A thing named in place of another: in the prose alone, in the citations alone, or everywhere; from this episode or from another. */
function swappedObject(
  draft: LessonDraft,
  episode: Episode,
  others: readonly Episode[],
  random: Random,
): LessonDraft | undefined {
  if (draft.objects.length === 0) return undefined;
  const name = pickOne(random, draft.objects);
  const source = random() < 0.5 ? episode : pickOne(random, others);
  const names = [
    ...new Set(source.steps.flatMap(({ action, observation }) => numberedNames(`${action} ${observation}`))),
  ];
  const other = pickOne(random, names);
  if (other === name || draft.objects.includes(other)) return undefined;
  const swap = (text: string): string => text.replaceAll(new RegExp(`${name}(?!\\d)`, 'gu'), other);
  const prose = inText(draft, swap);
  const citations = draft.citations.map(({ step, action }) => ({ step, action: swap(action) }));
  const objects = draft.objects.map((object) => (object === name ? other : object));
  const instead = draft.instead && { avoid: swap(draft.instead.avoid), do: swap(draft.instead.do) };
  const isCited = citations.some(({ action }, index) => action !== draft.citations[index]!.action);
  const isNamed = JSON.stringify(prose) !== JSON.stringify(draft);
  return pickOne(random, [
    ...(isNamed ? [prose, { ...prose, objects }] : []),
    ...(isCited
      ? [
          { ...draft, citations },
          { ...prose, citations, objects, instead },
        ]
      : []),
    { ...draft, objects },
  ]);
}

function inText(draft: LessonDraft, change: (text: string) => string): LessonDraft {
  const { title, pointOfFailure, flawedDecision, correction } = draft;
  return {
    ...draft,
    title: change(title),
    pointOfFailure: change(pointOfFailure),
    flawedDecision: change(flawedDecision),
    correction: change(correction),
  };
}

function stepWithNames(episode: Episode, random: Random): Step {
  return pickOne(
    random,
    episode.steps.filter(({ action }) => numberedNames(action).length > 0),
  );
}

function cite({ index, action }: Step): LessonDraft['citations'][number] {
  return { step: index, action };
}

function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
