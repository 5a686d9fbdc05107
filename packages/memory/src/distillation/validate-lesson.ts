import type { Episode } from '@skillrl/core';

import type { LessonDraft } from './lesson-draft.ts';
import { classOf, namesClass, numberedName, numberedNames, wordsOf } from './names.ts';

export interface ValidateLessonOptions {
  /** Classes of things of other episodes: a lesson that names one which its own episode never mentions is refused. */
  readonly knownObjects?: ReadonlySet<string>;
  /** Text beside the episode that a correction may take words from, such as the success it was compared with. */
  readonly reference?: string;
}

/**
 * What is wrong with a drafted lesson, held against the episode it claims to come from: cited steps must exist, quoted actions must have been
 * taken at those steps, and things must be named as the episode names them. A pure function; it cannot tell whether a lesson is wise.
 *
 * @returns one sentence a fault, written so that a model can act on it; empty when the draft holds.
 */
export function validateLesson(
  draft: LessonDraft,
  episode: Episode,
  { knownObjects = new Set(), reference = '' }: ValidateLessonOptions = {},
): string[] {
  const source = readSource(draft, episode, reference);
  return [
    ...citationFaults(draft, source),
    ...stepFaults(draft, source),
    ...quotationFaults(draft, source),
    ...objectFaults(draft, source),
    ...strangerFaults(draft, source, knownObjects),
    ...insteadFaults(draft, source),
  ];
}

interface Source {
  readonly actions: ReadonlyMap<number, string>;
  /** All that was said in the episode, normalised. */
  readonly said: string;
  /** Words that a proposal may be made of. */
  readonly vocabulary: ReadonlySet<string>;
  /** What could have been done, and what a success did. */
  readonly possible: string;
  /** What was said at each step: before it, by it, after it. */
  readonly around: ReadonlyMap<number, string>;
  readonly goal: string;
  readonly cited: ReadonlySet<number>;
}

function readSource({ citations }: LessonDraft, episode: Episode, reference: string): Source {
  const goal = plain(episode.task.instruction);
  const first = plain(episode.initialObservation ?? '');
  const steps = episode.steps.map(({ index, action, observation }) => ({
    index,
    action: plain(action),
    observation: plain(observation ?? ''),
  }));
  const around = new Map<number, string>();
  let before = first;
  for (const { index, action, observation } of steps) {
    around.set(index, [before, action, observation].join('\n'));
    before = observation;
  }
  const said = [goal, first, ...steps.flatMap(({ action, observation }) => [action, observation])].join('\n');
  const possible = new Set(episode.steps.flatMap(({ admissible }) => admissible ?? []));
  return {
    actions: new Map(steps.map(({ index, action }) => [index, action])),
    said,
    vocabulary: new Set(wordsOf([said, reference, ...possible].join('\n'))),
    possible: plain([reference, ...possible].join('\n')),
    around,
    goal,
    cited: new Set(citations.map(({ step }) => step)),
  };
}

function citationFaults({ citations }: LessonDraft, { actions }: Source): string[] {
  if (citations.length === 0) return ['No step is cited: name at least one step with its action.'];
  return citations.flatMap(({ step, action }) => {
    const taken = actions.get(step);
    if (taken === undefined) return [`Step ${step} does not exist: the episode has steps 0 to ${actions.size - 1}.`];
    if (taken !== plain(action)) return [`At step ${step} the action was "${taken}", not "${action}".`];
    return [];
  });
}

/** Steps that the prose speaks of must be cited. */
function stepFaults(draft: LessonDraft, { cited }: Source): string[] {
  return stepsIn(proseOf(draft).join('\n'))
    .filter((step) => !cited.has(step))
    .map((step) => `The text speaks of step ${step}, which is not among the citations.`);
}

/** What stands in backticks must have been said; in a sentence about a step, it must have been said there. */
function quotationFaults(draft: LessonDraft, source: Source): string[] {
  const faults: string[] = [];
  const evidence = [draft.pointOfFailure, draft.flawedDecision];
  for (const text of [...evidence, draft.correction, draft.principle, draft.appliesWhen, draft.title]) {
    const isEvidence = evidence.includes(text);
    for (const sentence of sentencesOf(text)) {
      const steps = stepsTold(sentence, source);
      for (const quote of quotesIn(sentence)) {
        const name = plain(quote);
        if (!isEvidence && isProposal(name, source)) continue;
        if (!contains(source.said, name)) faults.push(`\`${quote}\` was never said in the episode.`);
        else if (steps.length > 0 && isEvidence && !steps.some((step) => saidAt(source, step, name))) {
          faults.push(`\`${quote}\` was not said at step ${steps.join(' or ')}.`);
        }
      }
    }
  }
  return faults;
}

/** A proposal may put known words together anew: an act that was never taken, on things that were there. */
function isProposal(text: string, { said, possible, vocabulary }: Source): boolean {
  const isKnown = (name: string): boolean => contains(said, name) || contains(possible, name);
  return wordsOf(text).every((word) => vocabulary.has(word)) && numberedNames(text).every(isKnown);
}

function objectFaults(draft: LessonDraft, source: Source): string[] {
  const prose = plain([...proseOf(draft), draft.instead?.do ?? ''].join('\n'));
  const listed = new Set(draft.objects.map(plain));
  const occurs = (name: string): boolean => contains(source.said, name) || contains(source.possible, name);
  const faults: string[] = [];
  for (const object of listed) {
    if (!occurs(object)) faults.push(`"${object}" does not occur in the episode.`);
    else if (!contains(prose, object) && !namesClass(prose, object))
      faults.push(`"${object}" is listed and never named.`);
  }
  for (const name of new Set(thingsIn(prose))) {
    if (!occurs(name)) faults.push(`"${name}" does not occur in the episode.`);
    else if (![...listed].some((object) => object === name || object === classOf(name))) {
      faults.push(`"${name}" is named and not listed among the objects.`);
    }
  }
  return [...faults, ...misplacedFaults(draft, source)];
}

/** Things named in what is said to have happened must have been there at the cited steps. */
function misplacedFaults({ pointOfFailure, flawedDecision }: LessonDraft, source: Source): string[] {
  const faults: string[] = [];
  for (const sentence of [pointOfFailure, flawedDecision].flatMap(sentencesOf)) {
    const own = stepsTold(sentence, source);
    const steps = own.length > 0 ? own : [...source.cited];
    for (const name of thingsIn(plain(sentence))) {
      if (contains(source.goal, name)) continue;
      if (!steps.some((step) => saidAt(source, step, name))) {
        faults.push(`"${name}" has no part in step ${steps.join(' or ')}.`);
      }
    }
  }
  return faults;
}

const determined = /\b(?:an?|the|some|any|another|no|this|that|each|in|on|with|from|to|of)\s+/giu;

/** Things that the agent's world is known to have, and that this episode never mentions. */
function strangerFaults(draft: LessonDraft, { said }: Source, known: ReadonlySet<string>): string[] {
  const text = plain(proseOf(draft).join('\n'));
  const words = new Set(wordsOf(text));
  const faults: string[] = [];
  for (const name of known) {
    // The cheap question first: few known things are named at all.
    const [first = ''] = wordsOf(name);
    if (![first, `${first}s`, `${first}es`].some((word) => words.has(word))) continue;
    if (!namesClass(text, name) || namesClass(said, name)) continue;
    // `the safe choice` speaks of no safe: a thing stands after a determiner and before the end of its phrase.
    const isThing = text.split(determined).some((rest) => {
      const [head, after] = [rest.slice(0, name.length), rest.slice(name.length)];
      return (
        head === name &&
        /^(?:e?s)?(?:\s*[.,;:!?`"')]|\s+(?:\d|in|on|from|with|and|or|is|was|to|at|of|that|which)\b|$)/u.test(after)
      );
    });
    if (isThing) faults.push(`"${name}" does not occur in the episode.`);
  }
  return faults;
}

function insteadFaults({ instead, citations, objects }: LessonDraft, source: Source): string[] {
  if (instead === undefined) return [];
  const isCited = citations.some(({ action }) => plain(action) === plain(instead.avoid));
  const listed = new Set(objects.map(plain));
  const unlisted = numberedNames(plain(instead.do)).filter((name) => !listed.has(name) && !listed.has(classOf(name)));
  return [
    ...(isCited ? [] : [`"${instead.avoid}" is to be avoided and is not a cited action.`]),
    ...(isProposal(plain(instead.do), source)
      ? []
      : [`"${instead.do}" is made of words that the episode does not know.`]),
    ...unlisted.map((name) => `"${name}" is named under "instead" and not listed among the objects.`),
  ];
}

function saidAt({ around, goal }: Source, step: number, text: string): boolean {
  return contains(around.get(step) ?? '', text) || contains(goal, text);
}

function proseOf(draft: LessonDraft): string[] {
  return [
    draft.title,
    draft.pointOfFailure,
    draft.flawedDecision,
    draft.correction,
    draft.principle,
    draft.appliesWhen,
  ];
}

function stepsIn(text: string): number[] {
  return [...text.matchAll(/\bsteps?\s+((?:\d+(?:\s*(?:,|and|or|to|-|–)\s*)?)+)/giu)].flatMap(([, numbers = '']) =>
    (numbers.match(/\d+/gu) ?? []).map(Number),
  );
}

/** Existing steps that a sentence is about: those it names, and the cited ones between them where it names a range. */
function stepsTold(sentence: string, { around, cited }: Source): number[] {
  const named = stepsIn(sentence).filter((step) => around.has(step));
  if (named.length < 2 || !/\bto\b|[-–]|\bbetween\b/u.test(sentence)) return named;
  const [first, last] = [Math.min(...named), Math.max(...named)];
  return [...new Set([...named, ...[...cited].filter((step) => step > first && step < last && around.has(step))])];
}

function quotesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/gu)].map(([, quote = '']) => quote);
}

function sentencesOf(text: string): string[] {
  return text.split(/(?<=[.!?])\s+(?=\p{Lu})/u).filter((sentence) => sentence !== '');
}

const counting: ReadonlySet<string> = new Set(
  'step steps action actions attempt attempts time times try tries after before than least most of the at by within and or to about in only for all'.split(
    ' ',
  ),
);

const counted =
  /^\s+(?:more|others?|different|times|steps|actions|commands|attempts|tries|turns|moves|answers|places|parts|kinds|names|things|out of|of)\b/u;

/** Numbered names in a text, but for numbers that count: `step 3`, `after 12`, `given 4 times`. */
function thingsIn(text: string): string[] {
  return [...text.matchAll(numberedName)]
    .filter(({ 0: name, index }) => !counting.has(classOf(name)) && !counted.test(text.slice(index + name.length)))
    .map(([name]) => name);
}

/** Lower case, one blank between words, so that quoting differently is no fault. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[“”]/gu, '"')
    .replace(/[‘’]/gu, "'")
    .replace(/\s+/gu, ' ')
    .trim();
}

/** Whole words: `mug 1` is not in `mug 12`. */
function contains(text: string, part: string): boolean {
  if (part === '') return false;
  const isWord = (sign: string | undefined): boolean => sign !== undefined && /[\p{L}\p{N}]/u.test(sign);
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    const before = isWord(part[0]) && isWord(text[at - 1]);
    const after = isWord(part.at(-1)) && isWord(text[at + part.length]);
    if (!before && !after) return true;
  }
  return false;
}
