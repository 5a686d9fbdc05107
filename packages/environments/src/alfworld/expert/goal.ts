/** What can be done to an object before it is put down. */
export type Treatment = 'heat' | 'cool' | 'clean';

/** All treatments, in the order of this list wherever an order is needed. */
export const treatments: readonly Treatment[] = ['clean', 'heat', 'cool'];

/** Class of the appliance that gives each treatment. */
export const applianceOf: Readonly<Record<Treatment, string>> = {
  heat: 'microwave',
  cool: 'fridge',
  clean: 'sinkbasin',
};

/** A goal sentence, understood. Classes are words as printed, such as `mug` or `countertop`. */
export interface Goal {
  readonly kind: 'place' | 'look';
  /** Class of the object that is asked for. */
  readonly object: string;
  /** Class of the receptacle it must end in; the lamp's class when `kind` is `look`. */
  readonly destination: string;
  /** How many distinct objects must end in one receptacle. */
  readonly count: 1 | 2;
  readonly treatment?: Treatment;
  /** A verb the language does not define; what it means must be learned. */
  readonly verb?: string;
}

const adjectives: Readonly<Record<string, Treatment>> = { hot: 'heat', cool: 'cool', clean: 'clean' };

/**
 * Reads the sentence after `Your task is to:`.
 *
 * @returns `undefined` for a sentence of none of the six task types.
 */
export function parseGoal(sentence: string): Goal | undefined {
  const text = sentence.trim().toLowerCase().replace(/\.$/, '');
  let match = /^look at (\w+) under the (\w+)$/.exec(text) ?? /^examine the (\w+) with the (\w+)$/.exec(text);
  if (match) return { kind: 'look', object: match[1]!, destination: match[2]!, count: 1 };
  match = /^put two (\w+) (?:in|on) (\w+)$/.exec(text) ?? /^find two (\w+) and put them (?:in|on) (\w+)$/.exec(text);
  if (match) return { kind: 'place', object: match[1]!, destination: match[2]!, count: 2 };
  match = /^put (?:a|an|some) (\w+) (?:in|on) (\w+)$/.exec(text);
  if (match) return { kind: 'place', object: match[1]!, destination: match[2]!, count: 1 };
  match = /^put (?:a|an|some) (\w+) (\w+) (?:in|on) (\w+)$/.exec(text);
  if (match) return treated(match[1]!, match[2]!, match[3]!);
  match = /^(\w+) (?:a|an|some) (\w+) and put it (?:in|on) (\w+)$/.exec(text);
  if (match) return treated(match[1]!, match[2]!, match[3]!);
  return undefined;
}

function treated(word: string, object: string, destination: string): Goal {
  const treatment = adjectives[word] ?? treatments.find((known) => known === word);
  return { kind: 'place', object, destination, count: 1, ...(treatment ? { treatment } : { verb: word }) };
}

/** The class of a numbered name: `mug 2` → `mug`. */
export function classOf(name: string): string {
  return name.replace(/ \d+$/, '');
}

/** The number of a numbered name, or 0: `mug 2` → 2. */
export function numberOf(name: string): number {
  return Number(/ (\d+)$/.exec(name)?.[1] ?? 0);
}
