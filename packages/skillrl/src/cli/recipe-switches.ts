import { InputError } from '@skillrl/core';
import { type RecipeSwitches, type TrainingRecipe, trainingRecipe } from '@skillrl/training';

/**
 * A recipe with switches of the command line.
 *
 * @param texts - `path=value`, as `parseSwitches` reads them.
 * @param onto - what they are added to.
 * @throws {InputError} `OPTION_INVALID` for a switch that does not exist, and for a value that it cannot have.
 */
export function switchedRecipe(texts: readonly string[], onto: RecipeSwitches): TrainingRecipe {
  const switches = parseSwitches(texts, onto);
  const known = switchesOf(trainingRecipe({ name: 'default' })).map(([path]) => path);
  const unknown = texts.map((text) => text.slice(0, text.indexOf('='))).find((path) => !known.includes(path));
  if (unknown !== undefined) throw noSwitch(unknown, known);
  try {
    return trainingRecipe(switches as RecipeSwitches);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new InputError({
      code: 'OPTION_INVALID',
      message: `No recipe has --set ${texts.join(' ')}. ${cause.message}`,
      hint: 'skillrl train run --help lists the switches and what they are now.',
      cause,
    });
  }
}

/** The switches of a recipe, each by its path. */
export function switchesOf(recipe: object, prefix = ''): [path: string, value: unknown][] {
  return Object.entries(recipe).flatMap(([key, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null
      ? switchesOf(value as object, `${prefix}${key}.`)
      : [[prefix + key, value]],
  );
}

function noSwitch(path: string, known: readonly string[]): InputError {
  const room = path.slice(0, path.indexOf('.') + 1);
  const near = known.filter((other) => room !== '' && other.startsWith(room));
  return new InputError({
    code: 'OPTION_INVALID',
    message: `No recipe has a switch '${path}'.`,
    hint:
      near.length === 0
        ? 'skillrl train run --help lists the switches.'
        : `There are ${near.join(', ')}; skillrl train run --help lists all switches.`,
  });
}

/**
 * Switches of a recipe from `path=value` texts: `reward.brier=0.5` is `{ reward: { brier: 0.5 } }`. Values are numbers, true, false, or names.
 *
 * @param onto - switches that these are added to; where both name one, the text counts.
 * @throws {InputError} `OPTION_INVALID` for a text without `=`. Whether such a switch exists is the recipe's to say.
 */
export function parseSwitches(texts: readonly string[], onto: object = {}): Record<string, unknown> {
  const switches = structuredClone(onto) as Record<string, unknown>;
  for (const text of texts) {
    const [, path, value] = /^([a-zA-Z]+(?:\.[a-zA-Z]+)*)=(.*)$/s.exec(text) ?? [];
    if (path === undefined || value === undefined)
      throw new InputError({
        code: 'OPTION_INVALID',
        message: `--set cannot be '${text}'.`,
        hint: 'It is SWITCH=VALUE; skillrl train run --help lists the switches.',
      });
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let place = switches;
    for (const key of keys) {
      if (!Object.hasOwn(place, key)) place[key] = {};
      place = place[key] as Record<string, unknown>;
    }
    place[last] = valueOf(value);
  }
  return switches;
}

function valueOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
