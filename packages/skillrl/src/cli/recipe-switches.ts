import { InputError } from '@skillrl/core';

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
