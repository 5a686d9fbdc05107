import { InputError } from '@skillrl/core';
import { Option } from 'commander';

/** An option whose value is a whole number, `least` or more. */
export function countOption(flags: string, description: string, least = 1): Option {
  return new Option(flags, description).argParser((text) => {
    const value = Number(text);
    if (/^-?\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InputError({
      code: 'OPTION_INVALID',
      message: `${flags.split(' ')[0]} cannot be '${text}'.`,
      hint: `It is a whole number, ${least} or more.`,
    });
  });
}

/** An option that takes one of some names. */
export function choiceOption(flags: string, description: string, names: readonly string[]): Option {
  return new Option(flags, description).argParser((text) => oneOf(flags.split(' ')[0] ?? flags, text, names));
}

/** @throws {InputError} `OPTION_INVALID` naming what there is. */
export function oneOf<const Name extends string>(option: string, value: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === value);
  if (found === undefined)
    throw new InputError({
      code: 'OPTION_INVALID',
      message: `${option} cannot be '${value}'.`,
      hint: `Choose of: ${names.join(', ')}.`,
    });
  return found;
}
