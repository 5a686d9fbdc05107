import type { BankEntry, Task } from '../../../packages/core/src/index.ts';
import { aDemonstration, aLesson, aPrinciple } from '../../../packages/testing/src/index.ts';

type Random = () => number;

const things =
  'mug plate bowl knife fork spoon pan kettle apple tomato potato egg bread lettuce cup pot soap towel cloth book pen pencil key card phone laptop lamp pillow vase statue watch box newspaper remote bottle spatula ladle candle plunger sponge'.split(
    ' ',
  );
const places =
  'cabinet drawer shelf countertop table sidetable fridge microwave sink stove desk bed sofa armchair dresser safe cart garbagecan toilet bathtub ottoman coffeetable'.split(
    ' ',
  );
const treatments = [
  ['hot', 'heat', 'microwave'],
  ['cold', 'cool', 'fridge'],
  ['clean', 'wash', 'sink'],
] as const;
const small = 'the a of to in and is it for with on that before after when not from by at be or as if one'.split(' ');
const acts =
  'check retry compare open close read write sort filter join split cache measure test search rank copy move rename delete restore verify sign parse render encode compress send receive schedule cancel repeat wait order pay refund ship pack label count weigh'.split(
    ' ',
  );

/** Words of one subject each: 300 subjects of 25 words, drawn from a given vocabulary. */
function subjectsFrom(vocabulary: readonly string[], random: Random): string[][] {
  return Array.from({ length: 300 }, () => Array.from({ length: 25 }, () => pick(vocabulary, random)));
}

export interface RealisticBank {
  readonly entries: readonly BankEntry[];
  readonly tasks: readonly Task[];
}

/**
 * A bank as long use would leave it: two in five entries of houses (plays, lessons, facts; 200 entries a house, up to 500 houses), three in
 * five of other work (lessons and principles on 300 subjects, every tenth with a machine form); and 200 tasks, half of them of houses.
 *
 * @param vocabulary - English words that subjects are made of, such as an embedder knows.
 */
export function realisticBank(count: number, vocabulary: readonly string[], random: Random): RealisticBank {
  const houses = Math.min(500, Math.max(5, Math.round(count / 200)));
  const subjects = subjectsFrom(vocabulary, random);
  const entries = Array.from({ length: count }, (_, number): BankEntry => {
    const id = `e${number}`;
    const turn = number % 10;
    if (turn < 4) return houseEntry(id, turn, `house-${Math.floor(random() * houses)}`, random);
    return workEntry(id, turn, pick(subjects, random), random);
  });
  const tasks = Array.from({ length: 200 }, (_, number): Task => {
    const shared = { id: `task-${number}`, domainKind: 'convergent' } as const;
    if (number % 2 === 0) {
      const family = `house-${Math.floor(random() * houses)}`;
      return { ...shared, environment: 'house', family, type: 'place', instruction: houseGoal(random) };
    }
    const subject = pick(subjects, random);
    const words = Array.from({ length: 3 + Math.floor(random() * 3) }, () => pick(subject, random));
    return { ...shared, environment: 'work', instruction: `${pick(acts, random)} ${mixed(words, random)}` };
  });
  return { entries, tasks };
}

function houseEntry(id: string, turn: number, family: string, random: Random): BankEntry {
  const conditions = { environments: ['house'], families: [family] };
  const goal = houseGoal(random);
  const [thing, place] = [pick(things, random), pick(places, random)];
  if (turn < 2) {
    const steps = Array.from({ length: 4 + Math.floor(random() * 4) }, () => ({
      observation: `On the ${numbered(places, random)}, you see a ${numbered(things, random)}, and a ${numbered(things, random)}.`,
      action: `take ${numbered(things, random)} from ${numbered(places, random)}`,
    }));
    const machine = { facts: Array.from({ length: 4 }, () => fact(random)) };
    return aDemonstration({
      id,
      title: `${goal} (${family})`,
      conditions,
      machine,
      body: { goal, steps, result: 'Done.' },
    });
  }
  if (turn === 2) {
    const machine = {
      instead: [{ avoid: `go to ${place} 1`, do: `open ${place} 2` }],
      facts: [fact(random), fact(random)],
    };
    const body = {
      pointOfFailure: `The ${thing} was sought in the ${place}, where it was not.`,
      flawedDecision: `go to ${place} 1 again and again`,
      correction: `open the ${pick(places, random)} before going back`,
      principle: `Search each ${place} once, and the likely places for a ${thing} first.`,
      appliesWhen: `The task asks for a ${thing}, and it has not been seen.`,
    };
    return aLesson({ id, title: `Where a ${thing} was sought in vain`, conditions, machine, body });
  }
  const facts = Array.from({ length: 12 }, () => fact(random));
  const body = {
    principle: 'Things tend to be where they were found.',
    appliesWhen: `A task in ${family} needs a ${thing}.`,
  };
  return aPrinciple({ id, title: `Where things are in ${family}`, conditions, machine: { facts }, body });
}

function workEntry(id: string, turn: number, subject: readonly string[], random: Random): BankEntry {
  const words = (length: number): string =>
    mixed(
      Array.from({ length }, () => pick(subject, random)),
      random,
    );
  const act = pick(acts, random);
  const title = `${act} ${words(3)}`;
  const conditions = { environments: ['work'] };
  const machine =
    turn === 9 ? { procedures: [{ name: pick(subject, random), means: `${act} ${words(2)}` }] } : undefined;
  const body = { principle: `${act} ${words(8)}, and ${pick(acts, random)} ${words(4)}.`, appliesWhen: `${words(5)}.` };
  if (turn % 2 === 0) return aPrinciple({ id, title, conditions, machine, body });
  const failure = { pointOfFailure: words(8), flawedDecision: words(6), correction: `${act} ${words(6)}` };
  return aLesson({ id, title, conditions, machine, body: { ...body, ...failure } });
}

function houseGoal(random: Random): string {
  const [state] = pick(treatments, random);
  return `put a ${random() < 0.6 ? `${state} ` : ''}${pick(things, random)} in the ${pick(places, random)}`;
}

function fact(random: Random): { subject: string; relation: string; object: string } {
  return { subject: numbered(things, random), relation: 'in', object: numbered(places, random) };
}

function numbered(names: readonly string[], random: Random): string {
  return `${pick(names, random)} ${1 + Math.floor(random() * 4)}`;
}

/** Words with small ones between them, as in a sentence. */
function mixed(words: readonly string[], random: Random): string {
  return words.map((word) => (random() < 0.6 ? `${pick(small, random)} ${word}` : word)).join(' ');
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[Math.floor(random() * items.length)]!;
}
